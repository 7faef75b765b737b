// fields.zh.ts - what the columns and fields of records are called.
export default {
  name_zh: '名称', name_pinyin: '拼音', name_en: '英文名', aliases: '别名', group_code: '品类', group: '品类', subgroup: '小类', origin_code: '产地', unit: '计价单位',
  storage: '储存方式', storage_note_zh: '储存说明', geo_indication: '地理标志', geo_basis: '地理标志依据', seasons: '上市月份', status: '状态', status_reason: '原因', confirmed: '核实', rev: '版次',
  name: '名称', uscc: '统一社会信用代码', division: '所在地', contact_name: '联系人', contact_phone: '电话', licence_no: '许可证号', licence_until: '许可证到期', licence_until_date: '许可证到期',
  price_fen: '单价', qty: '数量', supplier: '供应商', source: '价格来源', date: '采价日期', observed_date: '采价日期', note: '说明', quality: '质量', price: '价格', delivery: '配送', remark: '评语',
  product: '产品', reason: '原因', old: '现在的密码', new: '新密码', repeat: '再输一次', password: '密码', role: '角色', way: '采购方式', min_order_qty: '起订量', delivery_area: '配送范围', start_md: '开始', end_md: '结束', kind: '种类', branch: '支行', code: '代码', verdict: '决定', fields: '逐项决定', no: '编号', target: '对象', patch: '改动', base_rev: '提出时版次', replaces: '替代', void: '作废', actor: '记录人', at_ms: '时间',
  median_fen: '中位价', p25_fen: '下四分位', p75_fen: '上四分位', branches: '支行数', count: '次数', period: '时段', overall: '总分', trend: '走势', proposal: '提议', detail: '详情', rule: '规则', subject_table: '记录表', subject_id: '记录', disabled: '停用', peer: '来自',
  season_start_month: '上市起月', season_end_month: '上市止月', gb2260: '产地代码', origin_prefecture: '地市', origin_county: '产地', product_name: '品名', qty_milli: '数量', confirm_outlier: '异常价已核对', confirm_date: '日期已核对', origin: '产地',
} as Record<string, string>

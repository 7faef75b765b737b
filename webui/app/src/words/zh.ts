// zh.ts - the words of the shell and of the parts both faces share, in Chinese.  en.ts has the same shape.
export default {
  product: '阳光后勤', 
  skip: '跳到正文', mainMenu: '主菜单', back: '返回', more: '更多', close: '关闭', cancel: '不改了',
  large: '大字', standard: '标准', switchTo: 'English',
  loading: '正在取…', saving: '正在存…', none: '—', optional: '选填', colon: '：', semicolon: '；', comma: '，', stop: '。',
  retry: '现在重试', again: '再试一次', export: '导出', exportN: (n: string) => `导出 ${n} 种`, exportRows: (n: string) => `导出 ${n} 条`,
  branchOf: (name: string) => (/支行|中心/.test(name) ? name : `${name}支行`),
  hubName: (name: string) => (/中心/.test(name) ? name : `${name.replace(/阳光后勤$/, '')}中心`),
  version: (v: string) => `版本 ${v}`, nodeCode: (c: string) => `节点 ${c}`, hubCode: (c: string) => `省中心 ${c}`,

  roles: { staff: '员工', officer: '后勤专员', admin: '管理员', curator: '目录管理员', auditor: '审计员', system: '系统' } as Record<string, string>,
  groups: { aquatic: '海鲜水产', livestock: '肉禽蛋奶', produce: '蔬菜瓜果', processed: '副食制成品' } as Record<string, string>,
  storages: { live: '活鲜', chilled: '冷藏', frozen: '冷冻', ambient: '常温', dry: '干燥' } as Record<string, string>,
  keeps: { frozen: '−18℃', chilled: '0~4℃', ambient: '', dry: '', live: '保湿' } as Record<string, string>,
  units: { kg: '公斤', g: '克', piece: '件', box: '盒', bag: '袋', bottle: '瓶', jar: '罐', litre: '升' } as Record<string, string>,
  subgroups: {
    'sea fish': '海鱼', crab: '蟹', shrimp: '虾', cephalopod: '头足类', shellfish: '贝', algae: '藻', reptile: '龟鳖', 'other seafood': '其他水产',
    'freshwater fish': '淡水鱼', poultry: '禽', pork: '猪肉', mutton: '羊肉', egg: '蛋', dairy: '奶', beef: '牛肉', fruit: '水果',
    'aquatic vegetable': '水生蔬菜', 'leaf vegetable': '叶菜', nut: '坚果', 'bamboo shoot': '笋', 'root vegetable': '根茎菜', 'stem vegetable': '茎菜',
    'flower vegetable': '花菜', 'bean vegetable': '豆类', melon: '瓜', 'fruit vegetable': '茄果', 'medicinal food': '药食', 'spice vegetable': '香辛菜',
    mushroom: '菌菇', 'mixed vegetable': '什锦菜', grain: '粮', tea: '茶', starch: '淀粉', pickle: '腌菜', 'cured meat': '腊肉', 'soy product': '豆制品',
    'semi-finished': '半成品', 'dried vegetable': '干菜', snack: '小吃', 'rice cake': '年糕', 'bee product': '蜂产品', 'dried seafood': '海产干货', wine: '酒',
    'edible oil': '食用油', confectionery: '糖果', pastry: '糕点', 'preserved seafood': '腌制海产', noodle: '面', 'egg product': '蛋制品',
    'herbal tea': '代茶饮', condiment: '调味品', 'canned food': '罐头', 'health food': '保健食品',
  } as Record<string, string>,
  sources: { settled: '到货结算', quoted: '供应商报价', market: '市场看价' } as Record<string, string>,
  ways: { direct: '产地直采', wholesale: '批发', retail: '零售', market: '农贸市场', cooperative: '合作社', online: '网上采购' } as Record<string, string>,
  perUnit: (unit: string) => `元/${unit}`,
  prefectureOf: (code: string) => (({
    '3301': '杭州', '3302': '宁波', '3303': '温州', '3304': '嘉兴', '3305': '湖州', '3306': '绍兴', '3307': '金华', '3308': '衢州', '3309': '舟山', '3310': '台州', '3311': '丽水',
  }) as Record<string, string>)[code.slice(0, 4)] ?? '',

  states: { attention: '需处理', offline: '断网', unknown: '未知', pending: '待上报', syncing: '同步中', synced: '已同步' } as Record<string, string>,
  chip: {
    attention: (n: number) => `需处理 ${n}`, offline: ['断网·', '本地可用'], since: (len: string) => `已 ${len}`, offFor: (len: string) => `断网 ${len}`, offBranches: (n: number) => `断网 ${n}`,
    checking: '正在核对', notAsked: '还没联系过省中心', pending: (n: number) => `待上报 ${n}`, oldest: (t: string) => `最早 ${t}`, sending: '正在送出',
    phone: ['连不上本行', '先存本机'], phoneHub: '连不上省中心', branches: (n: number) => `${n} 个支行`, label: (s: string) => `状态：${s}`,
  },
  places: { phone: '已存本机', branch: '已存本行', province: '省中心已收', refused: '省中心未接受' } as Record<string, string>,
  season: {
    in: '当季', allYear: '全年', allYearHave: '都有', until: (t: string) => `到${t}`, off: '未上市', from: (t: string) => `${t}上市`, closedFish: '休渔', closed: '停采',
    tagNew: '刚上市', tagEnd: '月底下市', tagEndDay: (m: number, d: number) => `${m}月${d}日下市`, tagComing: (m: number) => `${m}月上市`,
    open: '上市', unconfirmed: '待核实', unconfirmedWhy: '上市月份和储存方式是常见值，还没有支行核实。', label: (a: string, b: string) => `上市 ${a}，现在${b}。`, ban: (a: string) => `${a}。`,
  },
  gi: '地理标志',
  licence: { until: (d: string) => `许可证到 ${d}`, soon: (n: number) => `许可证 ${n} 天后到期`, today: '许可证今天到期', over: (d: string) => `许可证 ${d} 已到期`, none: '没有许可证信息' },
  supplierStates: { active: '可下单', suspended: '暂停', blacklisted: '列入黑名单' } as Record<string, string>,
  statuses: { active: '在用', suspended: '暂停', blacklisted: '黑名单', delisted: '已下架', retired: '已下架' } as Record<string, string>,

  fields: {
    name_zh: '名称', name_pinyin: '拼音', name_en: '英文名', aliases: '别名', group_code: '品类', group: '品类', subgroup: '小类', origin_code: '产地', unit: '计价单位',
    storage: '储存方式', storage_note_zh: '储存说明', geo_indication: '地理标志', geo_basis: '地理标志依据', seasons: '上市月份', status: '状态', status_reason: '原因', confirmed: '核实', rev: '版次',
    name: '名称', uscc: '统一社会信用代码', division: '所在地', contact_name: '联系人', contact_phone: '电话', licence_no: '许可证号', licence_until: '许可证到期', licence_until_date: '许可证到期',
    price_fen: '单价', qty: '数量', supplier: '供应商', source: '价格来源', date: '采价日期', observed_date: '采价日期', note: '说明', quality: '质量', price: '价格', delivery: '配送', remark: '评语',
    product: '产品', reason: '原因', old: '现在的密码', new: '新密码', repeat: '再输一次', password: '密码', role: '角色', way: '采购方式', min_order_qty: '起订量', delivery_area: '配送范围', start_md: '开始', end_md: '结束', kind: '种类', branch: '支行', code: '代码', verdict: '决定', fields: '逐项决定', no: '编号', target: '对象', patch: '改动', base_rev: '提出时版次', replaces: '替代', void: '作废', actor: '记录人', at_ms: '时间',
    median_fen: '中位价', p25_fen: '下四分位', p75_fen: '上四分位', branches: '支行数', count: '次数', period: '时段', overall: '总分', trend: '走势', proposal: '提议', detail: '详情', rule: '规则', subject_table: '记录表', subject_id: '记录', disabled: '停用', peer: '来自',
  } as Record<string, string>,

  form: {
    notSaved: (bad: number, doubts: number) => '还没有存：' + [bad ? `${bad} 处要改` : '', doubts ? `${doubts} 处请核对` : ''].filter(Boolean).join('，'),
    draft: '接着上次没存完的填。', dropDraft: '清空重填', 
  },
  reach: {
    node: '现在连不上本行节点。', hub: '现在连不上省中心。', tried: (t: string) => `${t} 试过，过一会儿自动再试。`, stale: (t: string) => `连不上，下面是 ${t} 取到的内容。`,
  },
  fault: {
    unreachable: '连不上，内容还在这一页，没有丢。', unknown: '没有办成。', gone: '找不到这一条。', 
  },
  rules: {
    withheld: () => '内容已依法隐去',
    price_outlier: () => '单价高于全省中位价 5 倍，或低于五分之一', too_old: () => '早于 400 天前', correct_it: () => '请更正或撤回', replaced: () => '已经更正过', decided: () => '已经决定过了', check_digit: () => '统一社会信用代码的校验位不对', twice: () => '重复了', xlsx: () => '不是能读的工作簿', column_count: () => '列数不对', control_character: () => '有看不见的控制字符', invisible_character: () => '有看不见的字符，删掉重新打一遍', direction_character: () => '有改变文字方向的字符，删掉重新打一遍', guessable: () => '这个密码太容易猜', unknown_account: () => '没有这个账号', restoring: () => '正在从省中心取回本行自己的记录，取完才能写', no_session: () => '登录已失效，请重新登录', other_site: () => '这个数据库是另一个支行的', rebuilding: () => '省中心正在从各支行重建，本行照常使用', log_rolled_back: () => '省中心的总账比见证过的短', log_forked: () => '省中心给出了两本不同的总账', log_rewritten: () => '省中心的总账改过以前的记录', leaves_differ: () => '省中心总账里的记录与本行写的不同', diverged: () => '省中心有本行没有的记录，要重新接入', character: () => '有不该有的字符', not_a_county: () => '要写县、市、区的代码', already_confirmed: () => '本行已经核实过', unknown_price: () => '没有这条价格', unknown_proposal: () => '没有这条提议', count: () => '太多了', quote: () => '引号不成对', rows: () => '行数太多', faults: () => '一条也没有存', unknown_invite: () => '不是本省的邀请', not_enrolled: () => '这个支行还没有接入', scope: () => '写了不归本行的数据', schema: () => '版本不认识', upgrade_first: () => '先升级程序', revoked: () => '本行证书被吊销，请联系省中心重新接入',
    required: () => '还没有填', choose: () => '还没有选', type: () => '格式不对', range: () => '超出范围', length: (p) => (p.max ? `太长，最多 ${p.max} 字` : '太长或太短'), one_of: () => '没有这个选项', unknown_field: () => '没有这一项', json: () => '内容读不出', date: () => '日期写法不对，例 2026-11-24', future: (p) => `不能晚于今天${p.today ? `（${p.today}）` : ''}`,
    number: () => '不是数字，例 118.00', thousands: () => '逗号只隔开千位，小数用点：12.50', places: (p) => `最多 ${p.places} 位小数`, most: (p) => `不能超过 ${p.most}`, whole: () => '要写整数', brief: () => '太短，写清楚一些', uscc_length: (p) => `要 18 位，现在 ${p.count} 位`, uscc_character: (p) => `不用“${p.character}”这个字符`, positive: () => '要大于 0', negative: () => '不能是负数', repeat: () => '两次输入的不一样', short: (p) => `太短，至少 ${p.min ?? 10} 个字符`, same: () => '和现在的一样', weak: () => '太容易猜到', same_password: () => '和现在的一样', months: () => '月份写全了再存',
    unknown_product: () => '信息库里没有这个产品', unknown_supplier: () => '没有这家供应商', unknown_division: () => '没有这个地区代码', unknown_unit: () => '没有这个计价单位', uscc: () => '统一社会信用代码的校验位不对', duplicate: () => '重复了', exists: () => '已经有了', no_idempotency_key: () => '页面太旧，刷新后再试', key_reused: () => '同一份表单被改过，刷新后再存', other_account: (p) => `这一页是 ${p.named} 的，这个浏览器现在登录的是 ${p.session}`,
    login_required: () => '登录过期了，请重新登录', wrong_login: () => '账号或密码不对', wrong_password: () => '现在的密码不对', locked_out: (p) => `试得太多，${p.retry_ms ? `${Math.ceil(Number(p.retry_ms) / 1000)} 秒后` : '过一会儿'}再试`, rate: () => '太快了，过几秒再试', role: () => '这个角色不能做这件事', must_change_password: () => '先换掉临时密码', csrf: () => '页面太旧，刷新后再试', origin: () => '这个请求不是从本站发出的', last_admin: () => '至少要留一个能用的管理员', disabled: () => '这个账号停用了',
    not_found: () => '找不到', method: () => '这里不能这样做', stale: () => '别人刚改过，请按新的内容再看一遍', json_depth: () => '内容套得太深', not_yet_signed: () => '检查点还没有盖到这条，过几秒再取', already_decided: () => '已经决定过了', already_void: () => '已经作废了', body_size: () => '太大', file_size: () => '文件太大', row_count: () => '行数太多', content_type: () => '不是 XLSX 或 CSV', outlier: (p) => (p.times ? `请核对，是全省中位价的 ${p.times} 倍` : '请核对，离全省中位价太远'), sheet: () => '表里有要改的地方',
    missing_column: () => '缺这一列', unknown_column: () => '多出这一列', no_prices: () => '没有一行填了单价', ambiguous: () => '不止一个叫这个名字，写编号', other_product: () => '不是同一个产品', unknown_evaluation: () => '没有这条评价', edge_space: () => '首尾有空格', province_only: () => '只有省中心能改', unknown_session: () => '没有这次登录', delisted: () => '这个产品下架了', supplier_inactive: () => '这家供应商现在不能下单', unchanged: () => '和现在的一样', entry_rows: () => '一次改得太多', request: () => '请求读不出', list: () => '没有选记录，或者选得太多', waits: () => '在等升级，现在不能处理', handled: () => '已经处理过了', body_end: () => '没有传完', body_rate: () => '传得太慢',
    column: () => '列名不对', columns: () => '列不对', header: () => '表头不对', encoding: () => '文字编码认不出', row: () => '这一行读不出', empty: () => '是空的',
    busy: () => '正忙，过几秒再试', disk_full: () => '磁盘满了，只能查看。请管理员清理', read_only: () => '磁盘变成只读了，只能查看。请管理员检查磁盘', io: () => '磁盘读写出了问题，请管理员看日志', store_damaged: () => '数据文件坏了，只能查看。请管理员看日志', internal: () => '程序出了问题，已记进日志',
  } as Record<string, (p: Record<string, string | number>) => string>,
  empty: { lost: '没有这一页', lostWhy: '地址可能写错了，或者这条已经不在。', home: '回首页', forbidden: '这里要别的角色', forbiddenWhy: (r: string) => `现在的角色是${r}，看不了这一页。`, failed: '没有取到' },
  theme: { system: '跟随系统', light: '浅色', dark: '深色' } as Record<string, string>,
  sizes: { standard: '标准', large: '大', larger: '更大', largest: '最大' } as Record<string, string>,
  login: {
    title: '登录', name: '账号', password: '密码', hint: '第一次登录要换掉临时密码。忘了密码找本行管理员。', hintHub: '第一次登录要换掉临时密码。忘了密码找管理员。', act: '登录', busy: '正在登录…',
    cut: ['现在连不上省中心，', '登录和记录不受影响', '。'], expired: '登录过期了，请重新登录。填了一半的内容还在。',
  },
  password: {
    title: '换密码', first: '先换掉临时密码', firstWhy: '临时密码只能用一次，换好才能办事。', old: '现在的密码', new: '新密码', repeat: '新密码再输一次', hint: '至少 10 个字符。几个不相干的词比乱码好记。', act: '换成新密码', done: '密码换好了，其他地方的登录都退出了。', show: '显示', hide: '隐藏',
  },
}

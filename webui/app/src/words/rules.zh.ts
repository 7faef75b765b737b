// rules.zh.ts - what the rules say, except those that a form knows itself (form.zh.ts) and those of the frame.
import type { Rules } from './refusal'

export default {
  rules: {
    withheld: () => '内容已依法隐去', price_outlier: () => '单价高于全省中位价 5 倍，或低于五分之一', too_old: () => '早于 400 天前', correct_it: () => '请更正或撤回', replaced: () => '已经更正过', decided: () => '已经决定过了', xlsx: () => '不是能读的工作簿', column_count: () => '列数不对', invisible_character: () => '有看不见的字符，删掉重新打一遍', direction_character: () => '有改变文字方向的字符，删掉重新打一遍', file_changed: () => '文件选好以后又改过，请重新选择', other_account: (p) => `这一页是 ${p.named} 的，这个浏览器现在登录的是 ${p.session}`, guessable: () => '这个密码太容易猜', unknown_account: () => '没有这个账号',
    no_session: () => '登录已失效，请重新登录', other_site: () => '这个数据库是另一个支行的', log_rolled_back: () => '省中心的总账比见证过的短', log_forked: () => '省中心给出了两本不同的总账', log_rewritten: () => '省中心的总账改过以前的记录', leaves_differ: () => '省中心总账里的记录与本行写的不同', diverged: () => '省中心有本行没有的记录，要重新接入', not_a_county: () => '要写县、市、区的代码',
    already_confirmed: () => '本行已经核实过', unknown_price: () => '没有这条价格', unknown_proposal: () => '没有这条提议', count: () => '太多了', quote: () => '引号不成对', rows: () => '行数太多', faults: () => '一条也没有存', unknown_invite: () => '不是本省的邀请', not_enrolled: () => '这个支行还没有接入', scope: () => '写了不归本行的数据', schema: () => '版本不认识',
    upgrade_first: () => '先升级程序', revoked: () => '本行证书被吊销，请联系省中心重新接入', unknown_field: () => '没有这一项', json: () => '内容读不出', weak: () => '太容易猜到', same_password: () => '和现在的一样', unknown_product: () => '信息库里没有这个产品', unknown_supplier: () => '没有这家供应商', unknown_division: () => '没有这个地区代码',
    unknown_unit: () => '没有这个计价单位', uscc: () => '统一社会信用代码的校验位不对', exists: () => '已经有了', no_idempotency_key: () => '页面太旧，刷新后再试', key_reused: () => '同一份表单被改过，刷新后再存', login_required: () => '登录过期了，请重新登录', wrong_login: () => '账号或密码不对', wrong_password: () => '现在的密码不对',
    locked_out: (p) => `试得太多，${p.retry_ms ? `${Math.ceil(Number(p.retry_ms) / 1000)} 秒后` : '过一会儿'}再试`, rate: () => '太快了，过几秒再试', role: () => '这个角色不能做这件事', must_change_password: () => '先换掉临时密码', csrf: () => '页面太旧，刷新后再试', origin: () => '这个请求不是从本站发出的', last_admin: () => '至少要留一个能用的管理员',
    disabled: () => '这个账号停用了', bookmark: () => '列表已经变了，请从头看起', not_found: () => '找不到', method: () => '这里不能这样做', stale: () => '别人刚改过，请按新的内容再看一遍', json_depth: () => '内容套得太深', not_yet_signed: () => '检查点还没有盖到这条，过几秒再取', already_decided: () => '已经决定过了', already_void: () => '已经作废了', body_size: () => '太大', file_size: () => '文件太大',
    row_count: () => '行数太多', content_type: () => '不是 XLSX 或 CSV', sheet: () => '表里有要改的地方', missing_column: () => '缺这一列', unknown_column: () => '多出这一列', no_prices: () => '没有一行填了单价', ambiguous: () => '不止一个叫这个名字，写编号', other_product: () => '不是同一个产品', unknown_evaluation: () => '没有这条评价',
    province_only: () => '只有省中心能改', unknown_session: () => '没有这次登录', delisted: () => '这个产品下架了', supplier_inactive: () => '这家供应商现在不能下单', entry_rows: () => '一次改得太多', request: () => '请求读不出', list: () => '没有选记录，或者选得太多', waits: () => '在等升级，现在不能处理', handled: () => '已经处理过了', body_end: () => '没有传完',
    body_rate: () => '传得太慢', column: () => '列名不对', columns: () => '列不对', header: () => '表头不对', encoding: () => '文字编码认不出', row: () => '这一行读不出', empty: () => '是空的',
    unknown_request: () => '没有这条申请', two_persons: () => '申请的人不能自己决定，要另一位管理员', asked: () => '已经有人申请，等待决定', not_asked: () => '还没有人申请隐去', answered: () => '已经决定过了', withhold_shared: () => '各支行都在用的目录数据，请用新的记录更正', withhold_changeable: () => '以后的记录还在改它', withhold_act: () => '这是隐去本身的记录，要留着', withhold_together: () => '要一起隐去的太多',
  } as Rules,
}

#include "core/domain/describe.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/domain/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
  const char *key, *zh, *en;
};

static const struct word tables[] = {
    {"catalogue", "目录版本", "catalogue"},
    {"division", "行政区划", "division"},
    {"product", "产品", "product"},
    {"season", "上市时段", "season window"},
    {"supplier", "供应商", "supplier"},
    {"channel", "供货渠道", "channel"},
    {"revision", "修订", "revision"},
    {"confirmation", "核实", "confirmation"},
    {"price", "采价", "price"},
    {"evaluation", "评价", "evaluation"},
    {"proposal", "提议", "proposal"},
    {"security_event", "安全事件", "security event"},
    {"decision", "决定", "decision"},
    {"refusal", "未接受", "refusal"},
    {"product_score", "产品评估", "product score"},
    {"supplier_score", "供应商评估", "supplier score"},
    {"price_stat", "价格统计", "price statistics"},
    {"withholding", "依法隐去", "withholding"},
    {"journaled_again", "重新记入", "journaled again"},
    {"withhold_request", "隐去申请", "request to withhold"},
    {"withhold_answer", "隐去答复", "answer to a request"},
    {"price_doubt", "待看的价格", "price to be judged"},
    {"price_accepted", "接受的价格", "price taken"},
    {"proposal_question", "退回补充的问题", "question about a proposal"},
    {"proposal_answer", "支行的补充或撤回", "answer or withdrawal"},
    {"decision_mend", "接受时改的值", "value mended while accepting"},
};

/* What a column is called and how its value is read; a key "table.column" goes before the bare column. */
enum format { AS_IS, FEN, MILLI, CENTI, DATE, TIME, MONTH_DAY, YES_NO, WORD, FIELDS, PERIOD };

static const struct column {
  const char *key, *zh, *en;
  enum format format;
} columns[] = {
    {"evaluation.price", "价格", "price", AS_IS},
    {"proposal.base", "提出时", "as it was", FIELDS},
    {"proposal.patch", "提议改成", "proposed", FIELDS},
    {"decision.fields", "逐项决定", "decision by field", FIELDS},
    {"decision.proposal", "提议", "proposal", AS_IS},
    {"proposal_answer.kind", "说了什么", "what it is", WORD},
    {"refusal.detail", "依据", "grounds", FIELDS},
    {"season.kind", "时段", "window", WORD},
    {"proposal.kind", "提议种类", "kind of proposal", WORD},
    {"security_event.kind", "事件", "event", WORD},
    {"security_event.count", "次数", "times", AS_IS},
    {"supplier.division", "所在地", "location", AS_IS},
    {"supplier.name", "名称", "name", AS_IS},
    {"division.level", "级别", "level", WORD},
    {"refusal.rule", "规则", "rule", WORD},
    {"withholding.rule", "依据", "under", WORD},
    {"withhold_request.rule", "依据", "under", WORD},
    {"withholding.no", "原编号", "number it had", AS_IS},
    {"withholding.actor", "决定人", "decided by", AS_IS},
    {"withhold_request.actor", "申请人", "asked by", AS_IS},
    {"aliases", "别名", "aliases", AS_IS},
    {"actor", "经办", "by", AS_IS},
    {"after", "改后", "after", AS_IS},
    {"asked_by", "申请人", "asked by", AS_IS},
    {"asked_ms", "申请时间", "asked", TIME},
    {"at_ms", "时间", "time", TIME},
    {"author", "作者", "author", AS_IS},
    {"base_rev", "提出时的版本", "base revision", AS_IS},
    {"before", "改前", "before", AS_IS},
    {"branch", "支行", "branch", AS_IS},
    {"branches", "支行数", "branches", AS_IS},
    {"changed_by", "改动人", "changed by", AS_IS},
    {"changed_ms", "改动时间", "changed", TIME},
    {"code", "代码", "code", AS_IS},
    {"confirmed", "已核实", "confirmed", YES_NO},
    {"confirmed_by", "核实单位", "confirmed by", AS_IS},
    {"contact_name", "联系人", "contact", AS_IS},
    {"contact_phone", "联系电话", "phone", AS_IS},
    {"count", "次数", "count", AS_IS},
    {"created", "新编号", "created id", AS_IS},
    {"delivery", "配送", "delivery", AS_IS},
    {"delivery_area", "送货范围", "delivery area", AS_IS},
    {"delivery_centi", "配送分", "delivery score", CENTI},
    {"detail", "说明", "detail", AS_IS},
    {"division", "行政区划", "division", AS_IS},
    {"end_md", "止", "until", MONTH_DAY},
    {"entry", "所在记录", "entry", AS_IS},
    {"field", "项目", "field", AS_IS},
    {"fields", "逐项", "fields", FIELDS},
    {"geo_basis", "地理标志依据", "source of the indication", AS_IS},
    {"geo_indication", "地理标志", "protected indication", YES_NO},
    {"group", "品类", "group", WORD},
    {"group_code", "品类", "group", WORD},
    {"high_fen", "最高地市中位价", "highest prefecture median", FEN},
    {"high_prefecture", "最高价地市", "dearest prefecture", AS_IS},
    {"id", "内部编号", "id", AS_IS},
    {"kind", "种类", "kind", AS_IS},
    {"lane", "去向", "lane", AS_IS},
    {"last_date", "最近采价日期", "last observed", DATE},
    {"last_fen", "最近价", "last price", FEN},
    {"licence_no", "许可证号", "licence", AS_IS},
    {"licence_until", "许可证到期", "licence until", AS_IS},
    {"licence_until_date", "许可证到期", "licence until", DATE},
    {"low_fen", "最低地市中位价", "lowest prefecture median", FEN},
    {"low_prefecture", "最低价地市", "cheapest prefecture", AS_IS},
    {"median_fen", "全省中位价", "province median", FEN},
    {"min_order_qty", "起订量", "minimum order", AS_IS},
    {"name", "名称", "name", AS_IS},
    {"name_en", "英文名", "English name", AS_IS},
    {"name_pinyin", "拼音", "pinyin", AS_IS},
    {"name_zh", "名称", "name", AS_IS},
    {"no", "编号", "number", AS_IS},
    {"note", "说明", "note", AS_IS},
    {"observed_date", "采价日期", "observed on", DATE},
    {"origin_code", "产地", "origin", AS_IS},
    {"outlier", "已核对异常价", "unusual price confirmed", YES_NO},
    {"overall_centi", "综合分", "overall score", CENTI},
    {"p25_fen", "下四分位价", "lower quartile", FEN},
    {"p75_fen", "上四分位价", "upper quartile", FEN},
    {"patch", "提议改成", "proposed", FIELDS},
    {"peer", "来源地址", "from", AS_IS},
    {"period", "半月", "half-month", PERIOD},
    {"pinyin", "拼音", "pinyin", AS_IS},
    {"prefecture_code", "地市", "prefecture", AS_IS},
    {"prefectures", "地市数", "prefectures", AS_IS},
    {"price", "价格", "price", AS_IS},
    {"price_centi", "价格分", "price score", CENTI},
    {"price_fen", "单价", "price", FEN},
    {"product", "产品", "product", AS_IS},
    {"proposal", "提议", "proposal", AS_IS},
    {"qty_milli", "数量", "quantity", MILLI},
    {"quality", "质量", "quality", AS_IS},
    {"quality_centi", "质量分", "quality score", CENTI},
    {"reason", "原因", "reason", AS_IS},
    {"record_hash", "记录指纹", "record hash", AS_IS},
    {"remark", "评语", "remark", AS_IS},
    {"replaces", "更正", "replaces", AS_IS},
    {"request", "申请", "request", AS_IS},
    {"rev", "版本", "revision", AS_IS},
    {"rule", "规则", "rule", WORD},
    {"score_entry", "所在记录", "entry", AS_IS},
    {"score_rev", "评估版本", "score revision", AS_IS},
    {"seasons", "上市时段", "seasons", AS_IS},
    {"seq", "序号", "no. in its stream", AS_IS},
    {"source", "价格来源", "source", WORD},
    {"start_md", "起", "from", MONTH_DAY},
    {"status", "状态", "status", WORD},
    {"status_reason", "状态原因", "reason of the status", AS_IS},
    {"storage", "储存方式", "storage", WORD},
    {"storage_note_zh", "储存说明", "storage note", AS_IS},
    {"subgroup", "类别", "kind", WORD},
    {"subject", "记的是", "about", AS_IS},
    {"subject_id", "哪一条", "record", AS_IS},
    {"subject_table", "哪一类", "record kind", AS_IS},
    {"supplier", "供应商", "supplier", AS_IS},
    {"target", "对象", "target", AS_IS},
    {"target_kind", "对象种类", "kind of target", WORD},
    {"text", "写的", "text", AS_IS},
    {"trend", "走势", "trend", WORD},
    {"unit", "单位", "unit", WORD},
    {"uscc", "统一社会信用代码", "unified social credit code", AS_IS},
    {"verdict", "结论", "verdict", WORD},
    {"void", "作废", "taken back", YES_NO},
    {"way", "采购方式", "way of buying", WORD},
};

static const struct word actions[] = {
    {ACTION_PRICE_ADD, "记价格", "price recorded"},
    {ACTION_PRICE_CORRECT, "更正价格", "price corrected"},
    {ACTION_PRICE_VOID, "作废价格", "price taken back"},
    {ACTION_PRICE_IMPORT, "导入价格", "prices imported"},
    {ACTION_EVALUATION_ADD, "评价", "evaluation"},
    {ACTION_EVALUATION_VOID, "作废评价", "evaluation taken back"},
    {ACTION_CONFIRMATION_ADD, "核实产品", "product confirmed"},
    {ACTION_PROPOSAL_ADD, "提议", "proposal"},
    {ACTION_PROPOSAL_DECIDE, "决定提议", "proposal decided"},
    {ACTION_PROPOSAL_ASK, "退回补充", "proposal sent back with a question"},
    {ACTION_PROPOSAL_ANSWER, "补充提议", "question about a proposal answered"},
    {ACTION_PROPOSAL_WITHDRAW, "撤回提议", "proposal withdrawn"},
    {ACTION_PRICE_JUDGE, "判断待看的价格", "explained price judged"},
    {ACTION_PRODUCT_ADD, "加产品", "product added"},
    {ACTION_PRODUCT_CHANGE, "改产品", "product changed"},
    {ACTION_SUPPLIER_ADD, "加供应商", "supplier added"},
    {ACTION_SUPPLIER_CHANGE, "改供应商", "supplier changed"},
    {ACTION_CHANNEL_ADD, "加渠道", "channel added"},
    {ACTION_CHANNEL_CHANGE, "改渠道", "channel changed"},
    {ACTION_CHANNEL_REMOVE, "撤渠道", "channel removed"},
    {ACTION_CATALOGUE_IMPORT, "导入目录", "catalogue imported"},
    {ACTION_SEED, "建立目录", "catalogue seeded"},
    {ACTION_SCORE_PUBLISH, "汇总评估", "scores published"},
    {ACTION_PRICE_REFUSE, "未接受价格", "price not accepted"},
    {ACTION_PRICE_DOUBT, "价格留待人看", "price put before a person"},
    {ACTION_ENTRY_REFUSE, "未接受记录", "entry not accepted"},
    {ACTION_WITHHOLD_ASK, "申请隐去", "withholding asked for"},
    {ACTION_WITHHOLD, "依法隐去", "withheld by law"},
    {ACTION_WITHHOLD_DECLINE, "不予隐去", "withholding declined"},
    {ACTION_LOGIN, "登录", "login"},
    {ACTION_ACCOUNT, "改账号", "account changed"},
    {ACTION_ENTRY_HANDLE, "处理未记进的记录", "refused entry dealt with"},
    {ACTION_SECURITY, "安全事件", "security event"},
    {ACTION_UPGRADE, "升级程序", "program upgraded"},
};

/* Words of enumerations are the same wherever they stand; "column.word" where one would mislead. */
static const struct word words[] = {
    {"aquatic", "海鲜水产", "seafood and fish"},
    {"livestock", "肉禽蛋奶", "meat, eggs and milk"},
    {"produce", "蔬菜瓜果", "vegetables and fruit"},
    {"processed", "副食制成品", "processed food"},
    {"ambient", "常温", "ambient"},
    {"chilled", "冷藏", "chilled"},
    {"dry", "干燥", "dry"},
    {"frozen", "冷冻", "frozen"},
    {"live", "活鲜", "live"},
    {"open", "上市", "on sale"},
    {"closed", "停售", "closed"},
    {"active", "正常", "active"},
    {"delisted", "已下架", "delisted"},
    {"suspended", "暂停", "suspended"},
    {"blacklisted", "禁用", "blacklisted"},
    {"direct", "产地直采", "from the grower"},
    {"cooperative", "合作社", "cooperative"},
    {"wholesale", "批发", "wholesale"},
    {"way.market", "农贸市场", "market"},
    {"online", "网上采购", "online"},
    {"settled", "到货结算", "settled on delivery"},
    {"quoted", "供应商报价", "supplier's quote"},
    {"source.market", "市场看价", "seen on the market"},
    {"new_product", "新产品", "new product"},
    {"new_supplier", "新供应商", "new supplier"},
    {"correction", "更正", "correction"},
    {"delisting", "下架", "delisting"},
    {"accepted", "接受", "accepted"},
    {"partly", "部分接受", "partly accepted"},
    {"rejected", "不接受", "rejected"},
    {"answer", "补充", "answer"},
    {"withdrawal", "撤回", "withdrawal"},
    {"withheld", "隐去", "withheld"},
    {"declined", "不予隐去", "declined"},
    {"up", "上升", "rising"},
    {"flat", "持平", "steady"},
    {"down", "下降", "falling"},
    {"prefecture", "地市", "prefecture"},
    {"county", "县区", "county"},
    {"product", "产品", "product"},
    {"supplier", "供应商", "supplier"},
    {"channel", "供货渠道", "channel"},
    {"kind.login", "登录被拒", "login refused"},
    {"kind.locked", "锁定中登录", "login while locked"},
    {"kind.role", "角色不够", "role refused"},
    {"kind.scope", "越权", "scope refused"},
    {"kind.csrf", "来源不符", "foreign origin"},
    {"kind.rate", "写得太快", "written too fast"},
    {"kind.password", "旧密码不对", "wrong old password"},
    {"kind.link", "连接被拒", "line refused"},
    {"kind.many", "太多，合并计数", "too many, counted together"},
    {"kind.invite", "邀请支行", "branch invited"},
    {"kind.enrol", "发给证书", "certificate given"},
    {"kind.invite_withdrawn", "撤回邀请", "invitation withdrawn"},
    {"kind.log_token", "发给总账令牌", "log token given"},
    {"kind.log_token_ended", "收回总账令牌", "log token ended"},
    {"kind.trust", "重新相信省中心", "province believed again"},
    {"kind.let_go", "不再等支行拿着的", "gone on without what a branch holds"},
    {"let_go.checkpoint", "检查点", "checkpoint"},
    {"let_go.entry", "记录", "entry"},
    {"let_go.certificate", "证书", "certificate"},
    {"kind.upgrade", "升级程序", "program upgraded"},
    {"kind.revoke", "吊销证书", "certificate revoked"},
    {"kind.export", "导出", "export"},
    {"kind.evidence", "取证据包", "evidence taken"},
    {"kind.compare", "核对检查点", "checkpoint compared"},
    {"kind.read", "查阅审计", "audit data read"},
    {"kind.handled", "处理未记进的记录", "refused entry dealt with"},
    {"kind.account_add", "新增账号", "account added"},
    {"kind.account_role", "改角色", "role changed"},
    {"kind.account_disable", "停用账号", "account disabled"},
    {"kind.account_enable", "启用账号", "account enabled"},
    {"kind.account_reset", "重置密码", "password reset"},
    {"kind.account_logout", "强制退出", "sessions ended"},
    {"kind.account_unlock", "解除锁定", "lock lifted"},
    {"kind.password_change", "换密码", "password changed"},
    /* kinds of products */
    {"algae", "藻类", "algae"},
    {"cephalopod", "头足类", "cephalopods"},
    {"crab", "蟹", "crab"},
    {"freshwater fish", "淡水鱼", "freshwater fish"},
    {"other seafood", "其他海产", "other seafood"},
    {"reptile", "龟鳖", "turtles"},
    {"sea fish", "海水鱼", "sea fish"},
    {"shellfish", "贝类", "shellfish"},
    {"shrimp", "虾", "shrimp"},
    {"beef", "牛肉", "beef"},
    {"dairy", "奶", "dairy"},
    {"egg", "蛋", "eggs"},
    {"mutton", "羊肉", "mutton"},
    {"pork", "猪肉", "pork"},
    {"poultry", "禽", "poultry"},
    {"bee product", "蜂产品", "bee products"},
    {"canned food", "罐头", "canned food"},
    {"condiment", "调味品", "condiments"},
    {"confectionery", "糖果", "confectionery"},
    {"cured meat", "腌腊肉", "cured meat"},
    {"dried seafood", "海味干货", "dried seafood"},
    {"dried vegetable", "干菜", "dried vegetables"},
    {"edible oil", "食用油", "edible oil"},
    {"egg product", "蛋制品", "egg products"},
    {"health food", "滋补品", "health food"},
    {"herbal tea", "代用茶", "herbal tea"},
    {"noodle", "面条粉丝", "noodles"},
    {"pastry", "糕点", "pastry"},
    {"pickle", "酱腌菜", "pickles"},
    {"preserved seafood", "腌制海产", "preserved seafood"},
    {"rice cake", "米糕年糕", "rice cakes"},
    {"semi-finished", "半成品", "semi-finished"},
    {"snack", "小吃零食", "snacks"},
    {"soy product", "豆制品", "soy products"},
    {"starch", "淀粉", "starch"},
    {"tea", "茶叶", "tea"},
    {"wine", "酒", "wine"},
    {"aquatic vegetable", "水生蔬菜", "aquatic vegetables"},
    {"bamboo shoot", "笋", "bamboo shoots"},
    {"bean vegetable", "豆类蔬菜", "bean vegetables"},
    {"flower vegetable", "花菜", "flower vegetables"},
    {"fruit", "水果", "fruit"},
    {"fruit vegetable", "茄果", "fruit vegetables"},
    {"grain", "粮食", "grain"},
    {"leaf vegetable", "叶菜", "leaf vegetables"},
    {"medicinal food", "药食两用", "medicinal food"},
    {"melon", "瓜", "melons"},
    {"mixed vegetable", "综合蔬菜", "mixed vegetables"},
    {"mushroom", "食用菌", "mushrooms"},
    {"nut", "坚果", "nuts"},
    {"root vegetable", "根茎菜", "root vegetables"},
    {"spice vegetable", "香辛菜", "spice vegetables"},
    {"stem vegetable", "茎菜", "stem vegetables"},
};

static const struct word rules[] = {
    {"price_outlier", "单价高于全省中位价 5 倍，或低于五分之一", "over 5 times the median, or under a fifth"},
    {"price_judged", "省中心看过，没有接受这个价格", "a person of the province did not accept this price"},
    {"outlier", "请核对单价", "please check the price"},
    {"changes", "要改动已有的产品，请先看过", "products that are there would be changed; look first"},
    {"stale", "内容已经变了", "it has changed since"},
    {"decided", "已经有决定", "already decided"},
    {"exists", "已经有了", "already there"},
    {"required", "没有填", "missing"},
    {"range", "超出范围", "out of range"},
    {"one_of", "不在可选之内", "not one of the choices"},
    {"unknown_product", "没有这个产品", "no such product"},
    {"unknown_supplier", "没有这个供应商", "no such supplier"},
    {"unknown_division", "没有这个区划代码", "no such division"},
    {"replaced", "已经更正过", "already corrected"},
    {"future", "晚于今天", "later than today"},
    {"too_old", "早于 400 天前", "more than 400 days ago"},
    {"check_digit", "校验码不对", "check character is wrong"},
    {"scope", "写了不归本行的数据", "data of somebody else"},
    {"schema", "版本不认识", "schema not known"},
    {"withheld", "内容已依法隐去", "withheld by law"},
    {"pipl_47", "《个人信息保护法》第四十七条", "Personal Information Protection Law, article 47"},
    {"civil_1037", "《民法典》第一千零三十七条", "Civil Code, article 1037"},
    {"secrecy", "《保守国家秘密法》", "Law on Guarding State Secrets"},
    {"court", "人民法院生效裁判", "effective judgment of a court"},
    {"other_law", "其他法律、行政法规", "another law or administrative regulation"},
    {"changeset", "内容读不出来", "the content cannot be read"},
    {"unknown_table", "这里没有这张表", "no such table here"},
    {"columns", "列和这里的不一样", "its columns are not ours"},
    {"append_only", "改了只能追加的记录", "changes what may only be added to"},
    {"row_id", "编号不属于这一条", "a row's number is not of this entry"},
    {"row_exists", "这一行已经有了", "the row is there already"},
    {"kept_aside", "它说的那条记录也搁在一边", "the record it speaks of stays aside too"},
    {"of_branch", "是支行的记录，由支行再报来", "a branch's entry: its branch brings it again"},
    {"row_missing", "要改的那一行不在", "the row to be changed is not there"},
    {"row_differs", "要改的那一行和它看到的不一样", "the row is not what it changed"},
    {"constraint", "值不合表的规定", "a value breaks a rule of the table"},
    {"schema_newer", "来自更新的程序，升级后自动记进",
     "from a newer program; entered by itself after the upgrade"},
    {"schema_unknown", "同一版本号，表结构不同，等升级",
     "our schema number with other tables; waits for an upgrade"},
    {"order", "排在一条等待的后面", "behind one that waits"},
    {"character", "有不该有的字符", "a character that must not be there"},
    {"json", "内容不成格式", "its content has no form that can be read"},
    {"json_depth", "内容套得太深", "nested too deep"},
    {"unknown_row", "引用的那一条这里没有", "refers to something that is not here"},
    {"clock", "时间倒退", "its clock goes back"},
    /* of sheets and forms */
    {"type", "写法不对", "not of that form"},
    {"length", "太长或太短", "too long or too short"},
    {"number", "不是数，例 118.00", "no number, e.g. 118.00"},
    {"negative", "不能是负数", "must not be negative"},
    {"positive", "要大于 0", "must be above 0"},
    {"places", "小数位太多：单价两位，数量三位", "too many decimals: two of a price, three of a quantity"},
    {"thousands", "逗号只隔开千位，小数用点：12.50", "commas part thousands; decimals take a point: 12.50"},
    {"most", "太大", "too large"},
    {"unit", "不是这个产品的计价单位，请换算后再填", "not the product's unit; convert it first"},
    {"not_yuan", "要以元计", "must be in yuan"},
    {"date", "日期写法不对，例 2026-11-24", "no date, e.g. 2026-11-24"},
    {"no_day", "没有这一天", "there is no such day"},
    {"merged", "和别的格合并了，拆开后每行都填", "merged with another cell: unmerge it and fill in each row"},
    {"year_missing", "写上年份，例 2026-11-24", "write the year too, e.g. 2026-11-24"},
    {"scientific", "长编号被表格软件写成了科学计数，把这一列设为文本再填，或清空只填品名",
     "the spreadsheet shortened the number; make the column text, or leave it empty and give the name"},
    {"ambiguous", "不止一个叫这个名字，写编号", "more than one has this name; give the number"},
    {"contradiction", "和同一行的别处对不上", "contradicts another cell of the row"},
    {"other_branch", "是别的支行", "is another branch"},
    {"twice", "表里有相同的一行：产品、日期、来源、供应商都一样",
     "another row has the same product, day, source and supplier"},
    {"delisted", "这个产品下架了", "the product is no longer in the catalogue"},
    {"supplier_inactive", "这家供应商现在不能下单", "the supplier cannot be ordered from now"},
    {"encoding", "文字编码认不出", "bytes that are no text"},
    {"control_character", "有不是文字的控制字符", "a control character"},
    {"invisible_character", "有看不见的字符", "a character nobody can see"},
    {"direction_character", "有改变文字方向的字符", "a character that turns the direction of text"},
    {"duplicate", "重复了", "there twice"},
    /* why a line was refused */
    {"certificate_renewed", "证书已续期", "its certificate was renewed"},
    {"unknown_certificate", "证书不是省中心发的，或者已经停用", "a certificate that is not in use here"},
    {"unknown_invite", "邀请不认识", "an invitation that is not known here"},
    {"used_invite", "邀请已经用过", "an invitation that was used"},
    {"enrolled_again", "同一密钥又用了一次用过的邀请", "a used invitation, asked again with its key"},
    {"enrol_too_often", "邀请答复的次数太多", "an invitation that was answered too often"},
    {"renew_too_often", "一天内续期的次数太多", "certificates asked for too often within a day"},
    {"withdrawn_invite", "邀请已经撤回", "an invitation that was withdrawn"},
    {"expired_invite", "邀请过期了", "an invitation that has expired"},
    {"not_enrolled", "还没有接入", "not enrolled"},
    {"cloned", "同一张证书同时从两处连来", "one certificate from two places at once"},
    {"revoked_key", "密钥已吊销", "its key is revoked"},
    {"ended_key", "那时的密钥已停用", "its key ended when the branch was enrolled again"},
    {"unknown_key", "密钥不认识", "its key is not known"},
    {"key_used_before", "密钥以前用过", "its key was used before"},
    {"key_mismatch", "密钥和登记的不一样", "its key is not the one on record"},
    {"older_epoch", "用的是旧密钥", "it uses an older key"},
    {"signature", "签名不对", "a wrong signature"},
    {"bad_signature", "签名不对", "a wrong signature"},
    {"enrol_signature", "接入申请的签名不对", "the request to enrol is signed wrongly"},
    {"enrol_timeout", "接入申请等了太久", "the request to enrol took too long"},
    {"wrong_branch", "报的支行和证书不一样", "it names another branch than its certificate"},
    {"wrong_stream", "送来的不是它的记录", "entries of another author"},
    {"protocol_version", "程序版本说不通", "a version of the protocol that is not spoken here"},
    {"message_malformed", "消息不成格式", "a message without form"},
    {"message", "消息不成格式", "a message without form"},
    {"frame_oversized", "一次送来的太大", "a frame that is too large"},
    {"frame_timeout", "一次送了太久", "a frame took too long"},
    {"frame_unexpected", "送来的不是该送的", "a frame that was not due"},
    {"send_timeout", "对方收得太慢", "it took too long to receive"},
    {"cursor_timeout", "对方没有说从哪里接", "it did not say where to go on"},
    {"welcome_timeout", "等不到答复", "no answer in time"},
    {"receipt_timeout", "等不到回执", "no receipt in time"},
    {"silent", "连着却不说话", "connected and silent"},
    {"settling", "上一条线路送来的还没存完", "what came over an earlier line is not stored yet"},
    {"hello_too_often", "招呼打得太频繁", "it greets too often"},
    {"claims_too_often", "没有凭据的话说得太多", "it claims too much between two greetings"},
    {"branch_pace", "一次报得太多，其余的以后再收",
     "more at once than a branch may send; the rest is taken later"},
    {"too_much", "欢迎之前说得太多", "too much before the WELCOME"},
    {"too_many_in_flight", "一次送了太多没等回执", "too many at once without a receipt"},
    {"unasked", "送来没有人要的东西", "it sends what nobody asked for"},
    {"batch", "一批记录不成格式", "a batch without form"},
    {"batch_size", "一批记录太大", "a batch that is too large"},
    {"carry", "带来的历史不成格式", "a carried history without form"},
    {"carry_size", "带来的历史太大", "a carried history that is too large"},
    {"diverged", "带来的历史和总账不一样", "its history is not the log's"},
    {"log_rolled_back", "总账比它见过的短", "the log is shorter than what it has seen"},
    {"other_site", "是另一处的总账", "the log of another place"},
    {"cosignature", "见证签名不对", "a cosignature that does not fit"},
    {"checkpoint", "检查点不成格式", "a checkpoint without form"},
    {"record", "记录不成格式", "a record without form"},
    {"entry", "记录不成格式", "a record without form"},
    {"name_size", "名字太长", "a name that is too long"},
    {"seq", "序号接不上", "its numbers do not follow"},
    {"frozen", "这个作者已停收", "this author is stopped"},
    {"signature_missing", "少了签名", "a signature is missing"},
    {"log_forked", "总账有两个版本", "two versions of the log"},
    {"log_rewritten", "总账被改写过", "the log was rewritten"},
    {"timeout", "等了太久", "it took too long"},
    {"gap", "缺号", "numbers are missing"},
    {"entry_lost", "这一条的内容丢了，总账里只有它的指纹",
     "what the entry said is lost; the log has its hash"},
    {"leaves_differ", "总账的记录和签过的不一样", "entries of the log are not what was signed"},
    {"not_received", "还没有收到", "not received yet"},
    {"restoring", "正在找回历史", "its history is being brought back"},
    {"schema_changed", "表结构变了", "the tables have changed"},
    {"nothing_held", "没有可以见证的", "nothing to witness"},
    {"unknown_log", "不认识的总账", "a log that is not known"},
    {"busy", "正忙", "busy"},
    {"fingerprint", "证书的指纹对不上", "the certificate's fingerprint does not fit"},
    {"expired", "证书过期了", "the certificate has expired"},
    {"closed", "线路断了", "the line was closed"},
    {"missing", "没有带证书", "no certificate"},
};

static const char *look_up(const struct word *list, size_t count, const char *key, enum language language)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(list[i].key, key) == 0) return language == LANGUAGE_ZH ? list[i].zh : list[i].en;
  return NULL;
}

#define LOOK_UP(list, key, language) look_up(list, sizeof(list) / sizeof *(list), key, language)

const char *describe_table(const char *table, enum language language)
{
  const char *found = LOOK_UP(tables, table, language);
  return found ? found : table;
}

const char *describe_action(const char *action, enum language language)
{
  const char *found = LOOK_UP(actions, action, language);
  return found ? found : action;
}

const char *describe_rule(const char *rule, enum language language)
{
  const char *found = LOOK_UP(rules, rule, language);
  return found ? found : rule;
}

const char *describe_word(const char *column, const char *word, enum language language)
{
  char key[100];
  snprintf(key, sizeof key, "%s.%s", column, word);
  const char *found = LOOK_UP(words, key, language);
  if (!found && strcmp(column, "unit") == 0) found = unit_word(word, language == LANGUAGE_EN);
  if (!found) found = LOOK_UP(words, word, language);
  if (!found && strcmp(column, "rule") == 0) found = LOOK_UP(rules, word, language);
  return found ? found : word;
}

const char *describe_key(const char *said)
{
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i].zh, said) == 0 && !strchr(words[i].key, '.')) return words[i].key;
  return said;
}

static const struct column *find_column(const char *table, const char *column)
{
  char key[100];
  snprintf(key, sizeof key, "%s.%s", table, column);
  const struct column *found = NULL;
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    if (strcmp(columns[i].key, key) == 0) return &columns[i];
    if (strcmp(columns[i].key, column) == 0) found = &columns[i];
  }
  return found;
}

const char *describe_column(const char *table, const char *column, enum language language)
{
  const struct column *found = find_column(table, column);
  return !found ? column : language == LANGUAGE_ZH ? found->zh : found->en;
}

static void put_decimal(struct buf *out, int64_t v, int64_t scale, int digits)
{
  char text[40];
  uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, unit = (uint64_t)scale;
  snprintf(text, sizeof text, "%s%" PRIu64 ".%0*" PRIu64, v < 0 ? "-" : "", size / unit, digits, size % unit);
  put_text(out, text);
}

static void put_month_day(struct buf *out, int64_t md, enum language language)
{
  char text[40];
  snprintf(text, sizeof text, language == LANGUAGE_ZH ? "%d月%d日" : "%02d-%02d", (int)(md / 100 % 100),
           (int)(md % 100));
  put_text(out, text);
}

static void put_period(struct buf *out, int64_t period, enum language language)
{
  char text[40];
  bool first = period % 100 < 16;
  snprintf(text, sizeof text, language == LANGUAGE_ZH ? "%d年%d月%s" : "%d-%02d %s", (int)(period / 10000),
           (int)(period / 100 % 100),
           language == LANGUAGE_ZH ? (first ? "上" : "下") : (first ? "1st half" : "2nd half"));
  put_text(out, text);
}

static void put_date(struct buf *out, int64_t date)
{
  char text[11] = "";
  if (date > 0 && date <= 99991231 && date_valid((int)date)) date_format(text, (int)date);
  put_text(out, text);
}

static void put_time(struct buf *out, int64_t ms)
{
  char text[30];
  if (ms <= 0) return;
  time_format(text, ms);
  text[10] = ' ';
  text[19] = '\0'; /* 2026-11-24 10:42:05, local */
  put_text(out, text);
}

void describe_int(struct buf *out, const char *table, const char *column, int64_t v, enum language language)
{
  const struct column *found = find_column(table, column);
  char plain[24];
  switch (found ? found->format : AS_IS) {
  case FEN:
    put_decimal(out, v, 100, 2);
    put_text(out, language == LANGUAGE_ZH ? " 元" : " yuan");
    return;
  case CENTI: put_decimal(out, v, 100, 2); return;
  case MILLI: put_decimal(out, v, 1000, 3); return;
  case DATE: put_date(out, v); return;
  case TIME: put_time(out, v); return;
  case PERIOD: put_period(out, v, language); return;
  case MONTH_DAY: put_month_day(out, v, language); return;
  case YES_NO: put_text(out, language == LANGUAGE_ZH ? (v ? "是" : "否") : (v ? "yes" : "no")); return;
  case AS_IS:
  case WORD:
  case FIELDS: break;
  }
  snprintf(plain, sizeof plain, "%" PRId64, v);
  put_text(out, plain);
}

static void put_windows(struct buf *out, const json_t *list, enum language language)
{
  size_t i;
  json_t *window;
  json_array_foreach((json_t *)(uintptr_t)list, i, window)
  {
    const char *kind = json_string_value(json_object_get(window, "kind"));
    if (i) put_text(out, language == LANGUAGE_ZH ? "，" : ", ");
    if (kind && strcmp(kind, "closed") == 0) {
      put_text(out, describe_word("kind", kind, language));
      put_text(out, " ");
    }
    put_month_day(out, json_integer_value(json_object_get(window, "start_md")), language);
    put_text(out, "—");
    put_month_day(out, json_integer_value(json_object_get(window, "end_md")), language);
  }
}

static void put_value(struct buf *out, const char *field, const json_t *value, enum language language)
{
  if (strcmp(field, "seasons") == 0 && json_is_array(value))
    put_windows(out, value, language);
  else if (json_is_boolean(value))
    put_text(out, language == LANGUAGE_ZH ? (json_is_true(value) ? "是" : "否")
                                          : (json_is_true(value) ? "yes" : "no"));
  else if (json_is_string(value))
    put_text(out, describe_word(field, json_string_value(value), language));
  else if (json_is_integer(value))
    describe_int(out, "", field, json_integer_value(value), language);
  else
    json_write(out, value);
}

/* {"storage":"chilled","unit":"box"} as "储存方式 冷藏；单位 盒". */
static bool put_fields(struct buf *out, const char *text, size_t n, enum language language)
{
  json_t *object = json_parse(text, n, NULL);
  bool readable = json_is_object(object);
  const char *field, *separator = "";
  json_t *value;
  json_object_foreach(readable ? object : NULL, field, value)
  {
    put_text(out, separator);
    put_text(out, describe_column("", field, language));
    put_text(out, " ");
    put_value(out, field, value, language);
    separator = language == LANGUAGE_ZH ? "；" : "; ";
  }
  json_decref(object);
  return readable;
}

void describe_text(struct buf *out, const char *table, const char *column, const char *v, size_t n,
                   enum language language)
{
  const struct column *found = find_column(table, column);
  enum format format = found ? found->format : AS_IS;
  char word[100];
  if (format == FIELDS && put_fields(out, v, n, language)) return;
  if (format == WORD && n < sizeof word) {
    memcpy(word, v, n);
    word[n] = '\0';
    put_text(out, describe_word(column, word, language));
    return;
  }
  put_bytes(out, v, n);
}

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
    {"proposal_answer.question", "答的是省中心写来的第几条", "answers the province's entry", AS_IS},
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
    {ACTION_ENTRY_LOST, "说明无处可寻的记录", "entries said to be lost"},
    {ACTION_ENTRY_FOUND, "找回的记录归位", "lost entries put back"},
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
    {"kind.entry_lost", "记录无处可寻", "entries lost"},
    {"kind.entry_found", "记录找回归位", "lost entries put back"},
    {"kind.hole_denied", "冒出过总账里没有的空位", "a hole that is not the log's"},
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

const char *describe_word(const char *column, const char *word, enum language language)
{
  char key[100];
  snprintf(key, sizeof key, "%s.%s", column, word);
  const char *found = LOOK_UP(words, key, language);
  if (!found && strcmp(column, "unit") == 0) found = unit_word(word, language == LANGUAGE_EN);
  if (!found) found = LOOK_UP(words, word, language);
  if (!found && strcmp(column, "rule") == 0) found = describe_rule(word, language);
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

void describe_field(struct buf *out, const char *kind, const char *field, const char *v, size_t n,
                    enum language language)
{
  const struct column *found = find_column(kind, field);
  enum format format = found ? found->format : AS_IS;
  bool truth = (n == 4 && memcmp(v, "true", 4) == 0) || (n == 5 && memcmp(v, "false", 5) == 0);
  char digits[24] = "";
  if (n < sizeof digits) memcpy(digits, v, n);
  size_t sign = *digits == '-';
  bool number = digits[sign] && !digits[sign + strspn(digits + sign, "0123456789")];
  json_t *list = strcmp(field, "seasons") == 0 ? json_parse(v, n, NULL) : NULL;
  if (json_is_array(list))
    put_windows(out, list, language);
  else if (truth && format == YES_NO)
    describe_int(out, kind, field, n == 4, language);
  else if (number && format != AS_IS && format != WORD)
    describe_int(out, kind, field, strtoll(digits, NULL, 10), language);
  else
    describe_text(out, kind, field, v, n, language);
  json_decref(list);
}

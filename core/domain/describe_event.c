/* describe_event.c - what is written beside a security event, in words.
 *
 * The rows are signed as programs wrote them, short and in one language; what they say is put into the
 * reader's here, and what is not known stays as it is. */
#include "core/domain/describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
  const char *key, *zh, *en;
};

static const struct word sentences[] = {
    {"login while locked out", "锁定期间又登录", "login while locked out"},
    {"wrong name or password", "账号或密码不对", "wrong name or password"},
    {"no account of the name typed", "没有这个账号", "no account of the name typed"},
    {"login of a disabled account", "账号停用了，密码是对的",
     "login of a disabled account, with the right password"},
    {"one-time password too old", "一次性密码过期了", "one-time password too old"},
    {"wrong old password", "旧密码不对", "wrong old password"},
    {"so many more while nothing could be written", "不能写入期间还有这么多次",
     "so many more while nothing could be written"},
    {"so many more within ten minutes", "十分钟内还有这么多次", "so many more within ten minutes"},
};

/* What an address shows; '*' stands for one part, and the longest that begins the address is said. */
static const struct word places[] = {
    {"accounts", "账号", "accounts"},
    {"audit", "审计记录", "the audit's entries"},
    {"audit/*", "总账里的一条记录", "one entry of the log"},
    {"audit/*/bytes", "一条记录的原始字节", "the bytes of one entry"},
    {"audit/*/evidence", "一条记录的证据包", "evidence of one entry"},
    {"audit/*/handled", "处理没有记进的记录", "dealing with an entry that was not entered"},
    {"audit/*/withholding", "依法隐去", "withholding by law"},
    {"audit/aside", "搁在一边的记录", "entries put aside"},
    {"audit/behind", "数字的依据", "what a figure is made of"},
    {"audit/branches", "支行核对", "the audit by branch"},
    {"audit/checkpoint", "检查点", "the checkpoint"},
    {"audit/events", "安全事件", "security events"},
    {"audit/evidence", "多条记录的证据包", "evidence of several entries"},
    {"audit/keys", "密钥", "keys"},
    {"audit/quarantine", "没有记进的记录", "entries that were not entered"},
    {"audit/row", "一条记录", "one record"},
    {"board", "全省看板", "the board"},
    {"branches", "支行", "branches"},
    {"catalogue", "目录", "the catalogue"},
    {"catalogue/template", "目录的表格样子", "the catalogue's template"},
    {"channels", "供货渠道", "channels"},
    {"compare", "各地比价", "comparing prices"},
    {"confirmations", "核实", "confirming"},
    {"delisted", "已下架的产品", "delisted products"},
    {"divisions", "行政区划", "divisions"},
    {"entries", "记录的证明", "proof of a record"},
    {"evaluations", "评价", "ratings"},
    {"invites", "邀请支行", "inviting a branch"},
    {"login", "登录", "login"},
    {"logout", "退出", "logout"},
    {"password", "换密码", "the password"},
    {"price-doubts", "待看的价格", "prices to be judged"},
    {"prices", "采价", "prices"},
    {"prices/template", "采价的表格样子", "the price sheet's template"},
    {"products", "产品", "products"},
    {"proposals", "提议", "proposals"},
    {"reviews", "审核", "review"},
    {"session", "登录状态", "the session"},
    {"sessions", "登录状态", "sessions"},
    {"status", "程序状态", "the program's status"},
    {"suppliers", "供应商", "suppliers"},
    {"sync", "同步", "sync"},
    {"sync/aside", "搁在一边的记录", "entries put aside"},
    {"sync/evidence", "本行留存的证据", "evidence this branch keeps"},
    {"withheld", "依法隐去的记录", "entries withheld by law"},
    {"withhold-requests", "隐去申请", "requests to withhold"},
};

/* What a list was narrowed by.  An empty word is left out: it only turned the pages. */
static const struct word filters[] = {
    {"actor", "账号", "account"},
    {"action", "动作", "action"},
    {"after", "", ""},
    {"again", "", ""},
    {"author", "作者", "author"},
    {"branch", "支行", "branch"},
    {"by", "按", "by"},
    {"confirmed", "核实", "confirmed"},
    {"days", "天数", "days"},
    {"price", "哪条价格", "which price"},
    {"division", "地区", "place"},
    {"from", "从", "from"},
    {"group", "类别", "group"},
    {"kind", "种类", "kind"},
    {"lane", "去向", "lane"},
    {"lang", "", ""},
    {"limit", "", ""},
    {"meant", "", ""},
    {"months", "月数", "months"},
    {"name", "名称", "name"},
    {"of", "看的是", "of"},
    {"order", "顺序", "order"},
    {"origin", "产地", "origin"},
    {"pos", "总账位置", "position"},
    {"product", "产品编号", "product no."},
    {"q", "搜索", "search"},
    {"rated", "评价", "rated"},
    {"season", "上市", "season"},
    {"sort", "排序", "sorted by"},
    {"source", "来源", "source"},
    {"state", "状态", "state"},
    {"status", "状态", "status"},
    {"storage", "储存", "storage"},
    {"supplier", "供应商编号", "supplier no."},
    {"time", "时间", "time"},
    {"to", "到", "to"},
};

/* Values of filters and of what else programs write: "name.value" before the bare value. */
static const struct word values[] = {
    {"state.verified", "已验证", "verified"},
    {"state.quarantined", "没有记进", "not entered"},
    {"state.parked", "先存着", "parked"},
    {"state.fork", "不一致", "inconsistent"},
    {"state.waiting", "待上报", "waiting to be reported"},
    {"state.received", "省中心已收", "the province has it"},
    {"state.refused", "省中心未接受", "not accepted"},
    {"state.void", "已作废", "taken back"},
    {"state.replaced", "已更正", "corrected"},
    {"state.later", "日期还没到", "the day has not come yet"},
    {"state.open", "还没决定", "undecided"},
    {"state.decided", "已决定", "decided"},
    {"state.asked", "省中心在问", "the province asks"},
    {"state.replied", "省中心已决定", "decided by the province"},
    {"state.lost", "无处可寻", "lost"},
    {"state.all", "不限", "any"},
    {"time.early", "发生时间晚于收到", "claimed after they were received"},
    {"time.back", "发生时间早于前一条", "claimed before the one they follow"},
    {"group.accounts", "账号和角色", "accounts and roles"},
    {"group.refusals", "被拒绝的", "refused"},
    {"group.access", "查阅和导出", "read and exported"},
    {"group.keys", "邀请、发证、撤回、吊销、处理", "invited, certificates, withdrawn, revoked, dealt with"},
    {"order.asc", "从小到大", "ascending"},
    {"order.desc", "从大到小", "descending"},
    {"season.now", "当季", "now"},
    {"season.all", "不限", "any"},
    {"season.all_year", "全年有", "all the year"},
    {"rated.4", "4 分以上", "4 and more"},
    {"rated.own", "本行评过", "by this branch"},
    {"confirmed.yes", "是", "yes"},
    {"confirmed.no", "否", "no"},
    {"origin.county", "本县", "this county"},
    {"origin.prefecture", "本市其他", "elsewhere in this prefecture"},
    {"origin.other", "全省其他", "elsewhere in the province"},
    {"sort.near", "离本县近", "nearest"},
    {"sort.season", "快下市", "soonest over"},
    {"sort.score", "评价高", "best rated"},
    {"sort.name", "名称", "name"},
    {"sort.price", "价格低", "cheapest"},
    {"sort.newest", "新的在前", "newest first"},
    {"sort.oldest", "旧的在前", "oldest first"},
    {"sort.dearest", "价高在前", "dearest first"},
    {"sort.cheapest", "价低在前", "cheapest first"},
    {"sort.best", "分高在前", "best first"},
    {"sort.worst", "分低在前", "worst first"},
    {"sort.place", "所在地", "location"},
    {"sort.licence", "许可证到期", "licence until"},
    {"sort.channels", "供货渠道", "channels"},
    {"sort.status", "状态", "status"},
    {"verdict.same", "就是现在的检查点", "it is today's checkpoint"},
    {"verdict.continues", "一致", "consistent"},
    {"verdict.larger", "存过的比现在的长", "longer than the log"},
    {"verdict.forked", "不一致，历史被改写过", "not consistent, history was rewritten"},
    {"verdict.foreign", "另一本总账的", "of another log"},
    {"verdict.unsigned", "没有省中心的签名", "not signed by the province"},
    {"verdict.forged", "签名和内容不符", "the signature does not fit"},
    {"verdict.damaged", "不是完整的检查点", "not a whole checkpoint"},
    {"role.staff", "员工", "staff"},
    {"role.officer", "后勤专员", "officer"},
    {"role.admin", "管理员", "administrator"},
    {"role.curator", "目录管理员", "curator"},
    {"role.auditor", "审计员", "auditor"},
};

/* Facts behind the address, in the order in which they are written. */
static const struct word facts[] = {
    {"lists", "看列表 %s 次", "%s lists read"},
    {"rows", "%s 行", "%s rows"},
    {"entries", "看记录 %s 条", "%s entries read"},
    {"pos", "总账位置 %s", "positions %s"},
    {"log", "当时总账 %s", "the log then: %s"},
    {"sha256", "文件指纹 %s", "hash of the file %s"},
    {"saved", "存过的 %s 条", "%s entries in the one that was kept"},
    {"verdict", "结论：%s", "verdict: %s"},
};
enum { FACTS = sizeof facts / sizeof *facts };

#define SAID(w, language) ((language) == LANGUAGE_ZH ? (w)->zh : (w)->en)
#define FIND(list, key, n) find(list, sizeof(list) / sizeof *(list), key, n)

static const struct word *find(const struct word *list, size_t count, const char *key, size_t n)
{
  for (size_t i = 0; i < count; i++)
    if (strlen(list[i].key) == n && memcmp(list[i].key, key, n) == 0) return &list[i];
  return NULL;
}

static const struct word *value_of(const char *name, size_t name_n, const char *value, size_t n)
{
  char key[64];
  int size = snprintf(key, sizeof key, "%.*s.%.*s", (int)name_n, name, (int)(n < 40 ? n : 40), value);
  return size > 0 && (size_t)size < sizeof key ? FIND(values, key, (size_t)size) : NULL;
}

static const char *comma(enum language language)
{
  return language == LANGUAGE_ZH ? "，" : ", ";
}

static void put_place(struct buf *out, const struct event_reader *reader, const char *code, size_t n)
{
  char text[16] = "";
  size_t before = out->size;
  if (n < sizeof text) memcpy(text, code, n);
  if (reader->place && strspn(text, "0123456789") == 6 && strlen(text) == 6)
    reader->place(reader->ctx, (uint32_t)strtoul(text, NULL, 10), out);
  if (out->size == before) put_bytes(out, code, n);
}

/* How many bytes of the address a pattern covers; 0: not this one. */
static size_t covers(const char *pattern, const char *path, size_t n)
{
  size_t at = 0;
  for (; *pattern; pattern++) {
    if (*pattern == '*') {
      size_t begin = at;
      while (at < n && path[at] != '/')
        at++;
      if (at == begin) return 0;
    } else if (at == n || path[at++] != *pattern) {
      return 0;
    }
  }
  return at == n || path[at] == '/' ? at : 0;
}

static void put_path(struct buf *out, const char *path, size_t n, enum language language)
{
  static const char root[] = "/api/v1/", sheet[] = ".xlsx";
  const struct word *best = NULL;
  size_t most = 0;
  if (n > sizeof root - 1 && memcmp(path, root, sizeof root - 1) == 0) {
    path += sizeof root - 1;
    n -= sizeof root - 1;
  }
  const char *whole = path;
  size_t whole_n = n;
  if (n && *path == '/') path++, n--;
  size_t bare = n > 5 && memcmp(path + n - 5, sheet, 5) == 0 ? n - 5 : n;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    size_t size = covers(places[i].key, path, bare);
    /* of two that cover as much the one that names the parts: audit/events, not any entry */
    if (size > most || (size && size == most && best && strchr(best->key, '*'))) {
      most = size;
      best = &places[i];
    }
  }
  if (best)
    put_text(out, SAID(best, language));
  else
    put_bytes(out, whole, whole_n);
  const char *rest = memchr(path, '/', n);
  if (best && rest && strchr(best->key, '*')) { /* which one */
    const char *end = memchr(rest + 1, '/', n - (size_t)(rest + 1 - path));
    put_text(out, " ");
    put_bytes(out, rest + 1, end ? (size_t)(end - rest - 1) : n - (size_t)(rest + 1 - path));
  }
}

/* One name or value of an address, as it was typed. */
static void put_unescaped(struct buf *out, const char *text, size_t n, bool escaped)
{
  for (size_t i = 0; i < n; i++) {
    char digits[3] = "", *end = digits;
    if (escaped && text[i] == '%' && i + 2 < n) memcpy(digits, text + i + 1, 2);
    unsigned long c = strtoul(digits, &end, 16);
    bool is_escape = end == digits + 2 && c && strspn(digits, "0123456789ABCDEF") == 2;
    put_u8(out, is_escape ? (uint8_t)c : (uint8_t)text[i]);
    i += is_escape ? 2 : 0;
  }
}

/* What was typed must not read as the next fact: with a mark in it that parts facts it is quoted, and quotes
 * in it are the inner ones. */
static void put_typed(struct buf *out, const char *text, size_t n)
{
  static const char *const parting[] = {", ", "，", ": ", "：", ";", "；", "“", "”", "\""};
  bool quoted = false;
  for (size_t i = 0; i < sizeof parting / sizeof *parting; i++)
    quoted = quoted || memmem(text, n, parting[i], strlen(parting[i]));
  if (quoted) put_text(out, "“");
  for (size_t i = 0; i < n; i++) {
    bool open = n - i >= 3 && memcmp(text + i, "“", 3) == 0,
         shut = n - i >= 3 && memcmp(text + i, "”", 3) == 0;
    if (open || shut)
      put_text(out, open ? "‘" : "’"), i += 2;
    else
      put_u8(out, text[i] == '"' ? '\'' : (uint8_t)text[i]);
  }
  if (quoted) put_text(out, "”");
}

/* "aquatic,livestock" of group -> 海鲜水产、肉禽蛋奶; the words of the catalogue's lists. */
static bool put_listed(struct buf *out, const struct event_reader *reader, const struct word *name,
                       const char *value)
{
  static const char *const listed[] = {"group", "storage", "origin", "source", "kind", "status"};
  size_t at = 0, before = out->size;
  while (at < sizeof listed / sizeof *listed && (!name || strcmp(name->key, listed[at]) != 0))
    at++;
  if (at == sizeof listed / sizeof *listed) return false;
  for (size_t n; *value; value += n + (value[n] == ',')) {
    char word[40];
    n = strcspn(value, ",");
    snprintf(word, sizeof word, "%.*s", (int)n, value);
    const struct word *known = value_of(listed[at], strlen(listed[at]), word, n);
    if (out->size > before) put_text(out, reader->language == LANGUAGE_ZH ? "、" : " and ");
    const char *said =
        known ? SAID(known, reader->language) : describe_word(listed[at], word, reader->language);
    put_typed(out, said, strlen(said));
  }
  return true;
}

/* "month:11" of season -> 11月 */
static bool put_month(struct buf *out, const struct event_reader *reader, const struct word *name,
                      const char *value)
{
  char text[24];
  if (!name || strcmp(name->key, "season") != 0 || strncmp(value, "month:", 6) != 0) return false;
  if (!value[6] || value[6 + strspn(value + 6, "0123456789")]) return false;
  snprintf(text, sizeof text, reader->language == LANGUAGE_ZH ? "%.2s月" : "month %.2s", value + 6);
  put_text(out, text);
  return true;
}

static void put_filter(struct buf *out, const struct event_reader *reader, const char *part, size_t name_n,
                       const char *value, size_t value_n)
{
  const struct word *name = FIND(filters, part, name_n);
  if (value_n == 0 || (name && !*name->zh)) return;
  char action[64];
  snprintf(action, sizeof action, "%.*s", (int)(value_n < 63 ? value_n : 63), value);
  put_text(out, comma(reader->language));
  if (name)
    put_text(out, SAID(name, reader->language));
  else
    put_typed(out, part, name_n);
  put_text(out, reader->language == LANGUAGE_ZH ? "：" : ": ");
  const struct word *known = value_of(part, name_n, value, value_n);
  const char *title =
      name && strcmp(name->key, "action") == 0 ? describe_action(action, reader->language) : NULL;
  if (known)
    put_text(out, SAID(known, reader->language));
  else if (title && strcmp(title, action) != 0)
    put_text(out, title);
  else if (put_listed(out, reader, name, action) || put_month(out, reader, name, action))
    return;
  else if (name && strcmp(name->key, "q") != 0 && strcmp(name->key, "name") != 0 && value_n == 6 &&
           strspn(action, "0123456789") == 6)
    put_place(out, reader, value, value_n);
  else
    put_typed(out, value, value_n);
  if (!name)
    put_text(out, reader->language == LANGUAGE_ZH ? "（没有这一项筛选）" : " (no filter of this list)");
}

/* escaped: by url_put_escaped, so that its marks are marks. */
static void put_address(struct buf *out, const struct event_reader *reader, const char *text, size_t n,
                        bool escaped)
{
  const char *end = text + n, *query = memchr(text, '?', n);
  struct buf path = BUF_INIT;
  put_unescaped(&path, text, query ? (size_t)(query - text) : n, escaped);
  put_path(out, path.data ? (const char *)path.data : "", path.size, reader->language);
  out->bad = out->bad || path.bad;
  buf_wipe(&path);
  for (const char *part = query ? query + 1 : end; part < end;) {
    const char *next = memchr(part, '&', (size_t)(end - part));
    if (!next) next = end;
    const char *equals = memchr(part, '=', (size_t)(next - part));
    if (equals) {
      struct buf pair = BUF_INIT;
      put_unescaped(&pair, part, (size_t)(equals - part), escaped);
      size_t name_n = pair.size;
      put_unescaped(&pair, equals + 1, (size_t)(next - equals - 1), escaped);
      const char *bytes = pair.data ? (const char *)pair.data : "";
      if (!pair.bad) put_filter(out, reader, bytes, name_n, bytes + name_n, pair.size - name_n);
      out->bad = out->bad || pair.bad;
      buf_wipe(&pair);
    }
    part = next + 1;
  }
}

/* "rows=50" -> 50 行.  The fact's place, -1: it is none. */
static int fact_at(const char *token, size_t n)
{
  const char *equals = memchr(token, '=', n);
  const struct word *fact = equals ? FIND(facts, token, (size_t)(equals - token)) : NULL;
  return fact ? (int)(fact - facts) : -1;
}

static void put_log(struct buf *out, const char *value, size_t n, enum language language)
{
  const char *colon = memchr(value, ':', n);
  size_t size = colon ? (size_t)(colon - value) : n;
  put_bytes(out, value, size);
  put_text(out, language == LANGUAGE_ZH ? " 条" : " entries");
  if (!colon) return;
  put_text(out, language == LANGUAGE_ZH ? "、根 " : ", root ");
  put_bytes(out, colon + 1, n - size - 1);
}

static void put_fact(struct buf *out, const struct event_reader *reader, const char *token, size_t n)
{
  const struct word *fact = &facts[fact_at(token, n)];
  const char *pattern = SAID(fact, reader->language), *hole = strstr(pattern, "%s");
  size_t name_n = strlen(fact->key), value_n = n - name_n - 1;
  const char *value = token + name_n + 1;
  const struct word *known = value_of(token, name_n, value, value_n);
  put_bytes(out, pattern, (size_t)(hole - pattern));
  if (known)
    put_text(out, SAID(known, reader->language));
  else if (strcmp(fact->key, "log") == 0)
    put_log(out, value, value_n, reader->language);
  else
    put_bytes(out, value, value_n);
  put_text(out, hole + 2);
}

static void put_facts(struct buf *out, const struct event_reader *reader, const char *text, const char *end)
{
  while (text < end) {
    const char *next = memchr(text, ' ', (size_t)(end - text));
    if (!next) next = end;
    if (next > text && fact_at(text, (size_t)(next - text)) >= 0) {
      if (out->size) put_text(out, comma(reader->language));
      put_fact(out, reader, text, (size_t)(next - text));
    }
    text = next + 1;
  }
}

/* An address that begins with a slash is escaped: it ends where the text does, or at the first blank, and
 * facts follow.  One of before is neither, and may hold what looks like a fact: there they are taken from the
 * end, each once. */
static void put_address_and_facts(struct buf *out, const struct event_reader *reader, const char *text,
                                  const char *end)
{
  const char *from = end;
  bool escaped = text < end && *text == '/';
  if (escaped) {
    const char *blank = memchr(text, ' ', (size_t)(end - text));
    if (blank) from = blank;
  }
  for (bool seen[FACTS] = {false}; !escaped && from > text;) {
    const char *token = from;
    while (token > text && token[-1] != ' ')
      token--;
    int fact = fact_at(token, (size_t)(from - token));
    if (token == text || fact < 0 || seen[fact]) break;
    seen[fact] = true;
    from = token - 1; /* the blank before it */
  }
  put_address(out, reader, text, (size_t)(from - text), escaped);
  put_facts(out, reader, from, end);
}

/* ADDRESS FACTS, or FACTS " last " ADDRESS of a count, whose facts hold no blanks. */
static void put_access(struct buf *out, const struct event_reader *reader, const char *text, size_t n)
{
  const char *end = text + n;
  if (n <= 6 || memcmp(text, "lists=", 6) != 0) {
    put_address_and_facts(out, reader, text, end);
    return;
  }
  const char *last = memmem(text, n, " last ", 6);
  put_facts(out, reader, text, last ? last : end);
  if (!last) return;
  const char *address = last + 6;
  bool escaped = address < end && *address == '/';
  put_text(out, reader->language == LANGUAGE_ZH ? "，最后看的：" : ", the last: ");
  put_address(out, reader, address, (size_t)(end - address), escaped);
}

/* "clerk officer" -> clerk，后勤专员 */
static void put_account(struct buf *out, const struct event_reader *reader, const char *text, size_t n)
{
  const char *blank = memchr(text, ' ', n);
  size_t size = blank ? (size_t)(blank - text) : n;
  put_bytes(out, text, size);
  if (!blank) return;
  const struct word *role = value_of("role", 4, blank + 1, n - size - 1);
  put_text(out, comma(reader->language));
  if (role)
    put_text(out, SAID(role, reader->language));
  else
    put_bytes(out, blank + 1, n - size - 1);
}

/* "330127 epoch 2 reason" -> 淳安县，第 2 把密钥，reason; "330127" of an invitation -> 淳安县 */
static void put_branch(struct buf *out, const struct event_reader *reader, const char *text)
{
  char number[64];
  size_t code = strcspn(text, " ");
  long long epoch = 0;
  put_place(out, reader, text, code);
  const char *rest = text + code;
  if (strncmp(rest, " epoch ", 7) == 0) {
    char *after;
    epoch = strtoll(rest + 7, &after, 10);
    snprintf(number, sizeof number, reader->language == LANGUAGE_ZH ? "，第 %lld 把密钥" : ", key %lld",
             epoch);
    put_text(out, number);
    rest = after;
  }
  if (!*rest) return;
  put_text(out, comma(reader->language));
  put_text(out, rest + (*rest == ' '));
}

/* "330127 epoch 2 enrolled 7d7c until 1795316000000 key 5a1f" -> 淳安县，第 2 把密钥，证书 7d7c */
static void put_enrolled(struct buf *out, const struct event_reader *reader, const char *text)
{
  unsigned branch = 0, epoch = 0;
  char serial[66], shown[160];
  if (sscanf(text, "%6u epoch %9u %*15s %65s", &branch, &epoch, serial) != 3) {
    put_text(out, text);
    return;
  }
  (void)snprintf(shown, sizeof shown, "%06u epoch %u %s %s", branch, epoch,
                 reader->language == LANGUAGE_ZH ? "证书" : "certificate", serial);
  put_branch(out, reader, shown);
}

/* "POST /api/v1/accounts" -> 想改：账号 */
static void put_request(struct buf *out, const struct event_reader *reader, const char *text, size_t n)
{
  const char *blank = memchr(text, ' ', n);
  size_t size = blank ? (size_t)(blank - text) : n;
  bool reading = size == 3 && memcmp(text, "GET", 3) == 0;
  if (!blank) {
    put_bytes(out, text, n);
    return;
  }
  put_text(out, reader->language == LANGUAGE_ZH ? (reading ? "想看：" : "想改：")
                                                : (reading ? "wanted to see: " : "wanted to change: "));
  put_path(out, blank + 1, n - size - 1, reader->language);
}

/* "330127 checkpoint:120:5a1fc2d0..." */
static void put_let_go(struct buf *out, const struct event_reader *reader, const char *text)
{
  char kind[16];
  size_t code = strcspn(text, " ");
  const char *what = text + code + (text[code] == ' ');
  const char *colon = strchr(what, ':');
  put_place(out, reader, text, code);
  put_text(out, comma(reader->language));
  snprintf(kind, sizeof kind, "%.*s", colon ? (int)(colon - what) : 0, what);
  put_text(out, describe_word("let_go", kind, reader->language));
  put_text(out, colon ? " " : "");
  put_text(out, colon ? colon + 1 : what);
}

static void put_settled(struct buf *out, const struct event_reader *reader, const char *text)
{
  static const struct {
    const char *before, *words[2];
  } kinds[] = {{"aside ", {"不再补记的那一条（指纹 ", "what is left aside (hash "}},
               {"refusal ", {"未接受的那一条（编号 ", "what was not accepted (no. "}},
               {"entry ", {"未接受的那一条（总账位置 ", "what was not accepted (entry of the log "}}};
  size_t kind = 0;
  while (kind < 3 && strncmp(text, kinds[kind].before, strlen(kinds[kind].before)) != 0)
    kind++;
  if (kind == 3) { /* as the province's were written before */
    put_text(out, text);
    return;
  }
  const char *id = text + strlen(kinds[kind].before);
  size_t n = strcspn(id, " ");
  put_text(out, kinds[kind].words[reader->language == LANGUAGE_ZH ? 0 : 1]);
  put_bytes(out, id, n);
  put_text(out, reader->language == LANGUAGE_ZH ? "）" : ")");
  if (!id[n]) return;
  put_text(out, reader->language == LANGUAGE_ZH ? "：" : ": ");
  put_text(out, id + n + 1);
}

static void put_upgraded(struct buf *out, const struct event_reader *reader, const char *text)
{
  static const char schema[] = "schema ";
  if (strncmp(text, schema, sizeof schema - 1) != 0) {
    put_text(out, text);
    return;
  }
  put_text(out, reader->language == LANGUAGE_ZH ? "表结构第 " : "tables of version ");
  put_text(out, text + sizeof schema - 1);
  if (reader->language == LANGUAGE_ZH) put_text(out, " 版");
}

/* "330127/0/100+11" -> 淳安县：第 100 到 110 条，重建时已无处可寻 */
static void put_lost(struct buf *out, const struct event_reader *reader, const char *kind, const char *text)
{
  char line[160];
  unsigned lane = 0;
  unsigned long long first = 0, count = 0;
  size_t code = strcspn(text, "/");
  bool zh = reader->language == LANGUAGE_ZH;
  if (sscanf(text + code, "/%9u/%19llu+%19llu", &lane, &first, &count) != 3 || count == 0) {
    put_text(out, text);
    return;
  }
  put_place(out, reader, text, code);
  (void)snprintf(line, sizeof line, zh ? "：第 %llu 到 %llu 条" : ": entries %llu to %llu", first,
                 first + count - 1);
  put_text(out, line);
  if (strcmp(kind, "entry_found") == 0)
    put_text(out, zh ? "，找回来了，已回到总账里原来的位置" : ", turned up and put back into their place");
  else if (strcmp(kind, "hole_denied") == 0)
    put_text(out, zh ? "，有人用省中心的密钥说无处可寻，总账里却没有这个空位"
                     : ", called lost with the province's key; the log has no such hole");
  else
    put_text(out, zh ? "，重建时已无处可寻" : ", nowhere to be found in a rebuilding");
}

/* "audit office until 2027-11-29" -> audit office，到 2027-11-29 */
static void put_reader(struct buf *out, const struct event_reader *reader, const char *text, size_t n)
{
  static const char until[] = " until ";
  const size_t room = sizeof until - 1 + strlen("2027-11-29");
  bool dated = n > room && memcmp(text + n - room, until, sizeof until - 1) == 0;
  put_bytes(out, text, dated ? n - room : n);
  if (!dated) return;
  put_text(out, reader->language == LANGUAGE_ZH ? "，到 " : ", until ");
  put_text(out, text + n - room + sizeof until - 1);
}

static bool one_of(const char *kind, const char *list)
{
  char key[44];
  int n = snprintf(key, sizeof key, ",%.40s,", kind);
  return n > 2 && strstr(list, key);
}

void describe_event(struct buf *out, const struct event_reader *reader, const char *kind, const char *detail)
{
  size_t n = strlen(detail);
  const struct word *sentence = FIND(sentences, detail, n);
  if (sentence)
    put_text(out, SAID(sentence, reader->language));
  else if (one_of(kind, ",read,export,evidence,compare,"))
    put_access(out, reader, detail, n);
  else if (one_of(kind, ",role,csrf,scope,rate,"))
    put_request(out, reader, detail, n);
  else if (one_of(kind, ",invite,invite_withdrawn,revoke,"))
    put_branch(out, reader, detail);
  else if (one_of(kind, ",enrol,"))
    put_enrolled(out, reader, detail);
  else if (one_of(kind, ",let_go,"))
    put_let_go(out, reader, detail);
  else if (one_of(kind, ",log_token,"))
    put_reader(out, reader, detail, n);
  else if (one_of(kind, ",link,trust,"))
    put_text(out, describe_rule(detail, reader->language));
  else if (one_of(kind, ",handled,"))
    put_settled(out, reader, detail);
  else if (one_of(kind, ",entry_lost,entry_found,hole_denied,"))
    put_lost(out, reader, kind, detail);
  else if (one_of(kind, ",upgrade,"))
    put_upgraded(out, reader, detail);
  else if (strncmp(kind, "account_", 8) == 0)
    put_account(out, reader, detail, n);
  else
    put_text(out, detail);
}

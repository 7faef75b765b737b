#include "net/post.h"

#include "core/base/clock.h"
#include "net/address.h"
#include "net/link.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 8 * 1000, SEND_MS = 8 * 1000, REPLY_MS = 16 * 1000, URL_MAX = 500, READ_SIZE = 4096 };

struct post {
  bool secure;
  struct address address;
  char dial[ADDRESS_HOST_MAX + 14]; /* as address_dial wants it: with a port */
  char host[ADDRESS_HOST_MAX + 10]; /* as the Host header wants it */
  char path[URL_MAX];
  char authorities[URL_MAX];
  pthread_mutex_t lock;
  struct link *link; /* under lock: the question being asked */
  bool cut;          /* under lock */
};

static bool is_loopback(const char *host)
{
  struct in_addr v4;
  if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0) return true;
  return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

/* "https://host[:port][/path]", nothing that a header could not carry. */
static bool split(struct post *post, const char *url, struct err *err)
{
  static const char https[] = "https://", http[] = "http://";
  post->secure = strncmp(url, https, sizeof https - 1) == 0;
  bool plain = strncmp(url, http, sizeof http - 1) == 0;
  const char *at = url + (post->secure ? sizeof https : sizeof http) - 1;
  bool ok = (post->secure || plain) && strlen(url) < URL_MAX && !strpbrk(at, "?#@\\");
  for (const char *c = url; ok && *c; c++)
    ok = *c > 0x20 && *c < 0x7f;
  if (ok) {
    size_t n = strcspn(at, "/");
    bool ported = n > 0 && strrchr(at, ':') && memchr(at, ':', n) && at[n - 1] != ']';
    if (at[0] == '[') ported = n > 0 && memchr(at, ']', n) && at[n - 1] != ']';
    snprintf(post->host, sizeof post->host, "%.*s", (int)(n < sizeof post->host ? n : sizeof post->host - 1),
             at);
    snprintf(post->dial, sizeof post->dial, "%s%s", post->host, ported ? "" : post->secure ? ":443" : ":80");
    snprintf(post->path, sizeof post->path, "%s", at[n] ? at + n : "/");
    ok = n < ADDRESS_HOST_MAX && address_parse(&post->address, post->dial, NULL) && post->address.port > 0;
  }
  if (!ok) return err_rule(err, ERR_INPUT, "url", "url", "\"%.200s\" is not https://HOST[:PORT]/PATH", url);
  if (post->secure || is_loopback(post->address.host)) return true;
  return err_rule(err, ERR_INPUT, "url", "url", "%.200s: http:// is for this machine alone", url);
}

bool post_open(struct post **out, const char *url, const char *authorities, struct err *err)
{
  struct post *post = calloc(1, sizeof *post);
  if (!post) return err_set(err, ERR_IO, "no memory to ask %.80s", url);
  pthread_mutex_init(&post->lock, NULL);
  int n = snprintf(post->authorities, sizeof post->authorities, "%s", authorities);
  if (split(post, url, err) && n < (int)sizeof post->authorities) {
    *out = post;
    return true;
  }
  post_close(post);
  return err_set(err, ERR_INPUT, "the path of the authorities is too long"); /* the first error wins */
}

void post_close(struct post *post)
{
  if (!post) return;
  pthread_mutex_destroy(&post->lock);
  free(post);
}

void post_cut(struct post *post)
{
  pthread_mutex_lock(&post->lock);
  post->cut = true;
  if (post->link) link_cut(post->link);
  pthread_mutex_unlock(&post->lock);
}

/* The link is known to post_cut from here on; NULL takes it away. */
static bool show(struct post *post, struct link *link)
{
  pthread_mutex_lock(&post->lock);
  bool go = !post->cut;
  post->link = link;
  pthread_mutex_unlock(&post->lock);
  return go;
}

static bool connect_to(struct post *post, struct link **out, struct err *err)
{
  struct tls *tls = NULL;
  struct tls_config config = {
      .use = TLS_FOREIGN_CLIENT, .authority_path = post->authorities, .host = post->address.host};
  int64_t deadline_ms = clock_mono_ms() + CONNECT_MS;
  bool ok = show(post, NULL) || err_rule(err, ERR_IO, "", "cut", "not asked: this program ends");
  ok = ok && (!post->secure || tls_open(&tls, &config, err)) &&
       link_dial(out, tls, post->dial, deadline_ms, err);
  tls_close(tls);
  return ok;
}

static bool send_question(struct post *post, struct link *link, const char *type, const void *body,
                          size_t size, struct err *err)
{
  char head[2 * URL_MAX + 400];
  int64_t deadline_ms = clock_mono_ms() + SEND_MS;
  int n = snprintf(head, sizeof head,
                   "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: sunlit/" SUNLIT_VERSION
                   "\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                   post->path, post->host, type, size);
  return link_write(link, head, (size_t)n, deadline_ms, err) &&
         link_write(link, body, size, deadline_ms, err);
}

static bool read_reply(struct link *link, struct reply *reply, struct err *err)
{
  struct buf got = BUF_INIT;
  enum reply_verdict verdict = REPLY_MORE;
  int64_t deadline_ms = clock_mono_ms() + REPLY_MS;
  bool ok = true;
  while (ok && verdict == REPLY_MORE) {
    size_t n = 0;
    uint8_t *room = buf_reserve(&got, READ_SIZE);
    if (!room) {
      ok = err_set(err, ERR_IO, "no memory for an answer");
      break;
    }
    enum link_event event = link_read(link, room, READ_SIZE, &n, deadline_ms, err);
    got.size -= READ_SIZE - n;
    if (event == LINK_TIMEOUT)
      ok = err_rule(err, ERR_IO, "", "timeout", "%s does not answer", link_peer(link));
    if (event == LINK_FAILED) ok = false;
    if (ok) verdict = reply_parse(reply, got.data, got.size, event == LINK_END);
    if (ok && verdict == REPLY_BAD)
      ok = err_rule(err, ERR_INPUT, "", "bad_reply", "%s: %s", link_peer(link), reply->why);
  }
  buf_wipe(&got);
  return ok;
}

bool post_send(struct post *post, const char *type, const void *body, size_t size, struct reply *reply,
               struct err *err)
{
  struct link *link = NULL;
  if (!connect_to(post, &link, err)) return false;
  bool ok = show(post, link) || err_rule(err, ERR_IO, "", "cut", "not asked: this program ends");
  ok = ok && send_question(post, link, type, body, size, err) && read_reply(link, reply, err);
  (void)show(post, NULL);
  link_close(link);
  return ok;
}

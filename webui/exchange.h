/* exchange.h - one request and its reply inside webui/; web.c fills it, reply.c answers through it. */
#ifndef SUNLIT_WEBUI_EXCHANGE_H
#define SUNLIT_WEBUI_EXCHANGE_H

#include "webui/url.h"
#include "webui/web.h"

struct mg_connection;

struct web_exchange {
  struct web *web;
  struct mg_connection *conn;
  char path[URL_PATH_SIZE_MAX]; /* decoded */
  struct url_params params;
  struct url_query query;
  struct buf body;
  struct buf headers; /* of the reply, complete lines */
  int status;         /* of the reply; 0: none yet */
  bool head_only;     /* HEAD */
  bool close;         /* the connection cannot be kept, e.g. because the body was not read */
  bool body_read;     /* wholly */
  bool cached;        /* the reply brings its own Cache-Control */
};

/* web.c: writes to the connection; what cannot be written is the peer's loss. */
void exchange_send(struct web_exchange *x, const void *p, size_t n);
/* web.c: decides, and tells CivetWeb, whether the connection is kept. */
bool exchange_keeps(struct web_exchange *x);

/* reply.c: an asset in the best encoding the peer takes, or 304. */
void reply_asset(struct web_request *r, const struct web_asset *asset);

#endif

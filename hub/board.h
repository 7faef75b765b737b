/* board.h - what branches say of themselves, gathered in memory and written once a second.
 *
 * A thousand nodes saying HELLO would be a thousand flushes to disk; what they say is only for people's eyes,
 * so the newest word of each is enough and a crash may lose a second of it.
 * THREADS: any; board_flush from the steward's. */
#ifndef SUNLIT_HUB_BOARD_H
#define SUNLIT_HUB_BOARD_H

#include "program/app.h"
#include "sync/message.h"

struct board;

bool board_open(struct board **out, struct err *err);
void board_close(struct board *board);
void board_heard(struct board *board, const struct hello *hello, int64_t now_ms);
void board_cursor(struct board *board, uint32_t branch, const struct cursor *cursor, int64_t now_ms);
void board_lost(struct board *board, uint32_t branch);
/* False when it could not be written (a full disk): those words are lost, the next ones come soon enough. */
bool board_flush(struct board *board, struct app *app, struct err *err);

#endif

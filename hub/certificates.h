/* certificates.h - the hub's own certificates: its authority, the sync port's, the people's port's.
 * The people's is made anew, at start and while running, when it names other addresses than we have or ends
 * within 60 days. */
#ifndef SUNLIT_HUB_CERTIFICATES_H
#define SUNLIT_HUB_CERTIFICATES_H

#include "hub/hub.h"

/* Into D/keys.new, what is missing there.  Phones list the authority as "Sunlit 330000": certificates speak
 * ASCII. */
bool certificates_make(const struct data_dir *dir, uint32_t code, struct err *err);
/* Opens the authority of D/keys into the hub, and renews what needs it.  `more` are addresses from the
 * configuration, with commas between; NULL: none. */
bool certificates_open(struct hub *hub, const char *more, struct err *err);
/* Renews the people's if it needs it; *moved: it did, and people_renew is due. */
bool certificates_keep(struct hub *hub, const char *more, bool *moved, struct err *err);

#endif

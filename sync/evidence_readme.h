/* evidence_readme.h - the README.txt of an evidence bundle: one text, the same in every bundle. */
#ifndef SUNLIT_SYNC_EVIDENCE_README_H
#define SUNLIT_SYNC_EVIDENCE_README_H

extern const char evidence_readme[];

#endif

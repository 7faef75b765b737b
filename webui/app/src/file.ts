// file.ts - where a file is, for a link.  A link sends no header that says whose page it stands on, so its address does.
import { address, type Query } from './api/client'
import { who } from './site'

export const fileAt = (path: string, query: Query = {}): string => address(path, { ...query, as: who.value })

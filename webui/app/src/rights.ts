// rights.ts - whose record may be changed here.  docs/openapi.yaml says it of each operation (x-roles, x-own), the node decides
// (core/domain/form.h), and what the node would take is offered.
import { may, site } from './site'

/** Whoever made it, and those who act for the branch. */
export const mayChange = (madeBy: string | null): boolean => may('officer', 'admin') || (site.account !== null && site.account.name === madeBy)

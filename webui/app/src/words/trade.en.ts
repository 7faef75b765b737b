// trade.en.ts - the words of buying: sources of prices, ways, suppliers and their licences, in English.
import type zh from './trade.zh'
import { many } from './many'

const en: typeof zh = {
  sources: { settled: 'Paid on delivery', quoted: 'Quoted by supplier', market: 'Seen at market' },
  ways: { direct: 'from the grower', wholesale: 'wholesale', market: 'market', cooperative: 'cooperative', online: 'online' },
  licence: {
    until: (d) => `licence to ${d}`,
    soon: (n) => `licence ends in ${n} ${many(n, 'day', 'days')}`,
    today: 'licence ends today',
    over: (d) => `licence ended ${d}`,
    none: 'no licence on record',
  },
  supplierStates: { active: 'can be ordered', suspended: 'suspended', blacklisted: 'blacklisted' },
  statuses: { active: 'in use', suspended: 'suspended', blacklisted: 'blacklisted', delisted: 'delisted', retired: 'delisted' },
}

export default en

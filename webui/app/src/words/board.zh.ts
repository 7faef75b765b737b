// board.zh.ts - the words of the board of branches.
export default {
  title: (n: number) => `${n} 个支行`, attention: (n: number) => `，${n} 个需处理`, calm: '，没有要处理的', every: '每几秒核对', invite: '邀请支行', filter: '按状态筛选', worst: '最要紧的在前', caption: '支行状态，最要紧的在前', map: '按地市看', notMap: '方格按地市大致方位摆放，不是地图。',
  schema: (n: number) => `数据第 ${n} 版`, th: { branch: '支行', state: '状态', contact: '最近联系', pending: '待上报', oldest: '最早', refused: '未接受', skew: '时钟差', version: '版本', upgrade: '能否升级' },
  offline: (len: string) => `断网 ${len}`, pendingN: (n: number) => `待上报 ${n}`, never: '从未', before: (n: number) => `断前 ${n}`, refusedWhy: (n: number) => `有 ${n} 条未接受`, whys: { unheard: '已接入，还没联系过', invited: '邀请了，还没接入', never: '还没邀请', fork: '同一条有两个版本，已停', quarantined: '有记录没能记进总账', parked: '版本不认识，先升级', skew: '时钟差得太多', branch_pace: '一次报得太多，其余的慢慢收', two_hubs: '它还遇到一个复制的省中心，停掉那一个', revoked: '证书已吊销' } as Record<string, string>,
  upgrades: { ok: '可以停机升级', wait_link: '等联网', wait_pending: '先等报完', attention: '先处理' } as Record<string, string>, rest: (synced: number, unknown: number) => ['还有', synced ? ` ${synced} 个已同步` : '', synced && unknown ? '、' : '', unknown ? ` ${unknown} 个还没接入` : ''].join(''), tileRefused: (n: number) => `拒 ${n}`, tileStopped: '已停', tileInvited: '邀请', unheard: '未联系', notEnrolled: '未接入', tileClock: '时钟', none: '没有这个状态的支行',
  log: { all: (n: string) => `收到记录 ${n} 条，都有支行作证没有改过`, part: (n: string, w: string) => `收到记录 ${n} 条，前 ${w} 条有支行作证没有改过`, waits: (len: string) => `其余的等支行作证，最久 ${len}`, rules: { policy: '按本省定的规则作证', branches: '要一半以上最近联系过的支行作证' } as Record<string, string> },
}

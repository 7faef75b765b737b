// proposals.zh.ts - the words of one's own proposals.
export default { title: '我的提议', none: '还没有提议', noneWhy: '产品的月份、储存方式有出入，可以从产品页提更正。', waiting: '等省中心审核', accepted: '接受', partly: '部分接受', rejected: '不接受', field: '项目', base: '提出时', proposed: '提议', verdict: '决定', why: '为什么', decided: (t: string) => `${t} 决定`, sent: (t: string) => `${t} 提出`, item: (n: number) => `${n} 项` }

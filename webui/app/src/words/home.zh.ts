// home.zh.ts - the words of a branch's home.
export default {
  title: '首页', waits: '等我办的', none: '没有等我办的', noneWhy: '省中心没有退回的记录，也没有要核实的产品。', saveHere: '新记的先存在这部手机上。', noneAt: (t: string) => `${t} 时没有等我办的`, noneAtWhy: '现在连不上，之后有没有还不知道。', unknown: '还不知道有没有等我办的', unknownWhy: '连上本行后才能看到。', inSeason: (m: string) => `${m}当季`, kinds: (n: string) => `${n} 种`, all: '全部', replies: '省中心的回复', mine: '我的提议', noReplies: '还没有回复', noRepliesWhy: '提议的决定会出现在这里。',
  cut: (t: string) => [`${t} 起连不上省中心。`, '本行照常办理', '，'], cutPending: (n: number) => `${n} 条待上报。`, cutNone: '没有未报的记录。', refusedStrip: (n: number) => [`省中心未接受 ${n} 条记录，`, '看原因'],
  phone: (n: number) => [`这部手机上还有 ${n} 条没到本行，`, '会自动送'], phoneOthers: (names: string[]) => `这部手机还有 ${names.length} 条是 ${[...new Set(names)].join('、')} 记的，没存到本行，本人登录后才会送。`, phoneRefused: (n: number) => [`这部手机上有 ${n} 条本行没收下，不会自己送；`, '改好再存'], mend: (t: string) => `更正：${t}`, mendWhy: '省中心未接受', phoneMend: (t: string) => `改好再存：${t}`, phoneWhy: '本行没有收下，原因在里面', confirm: (n: number, p: string) => `核实：${p}的 ${n} 种产品`, confirmWhy: '上市月份和储存方式是常见值，核实后去掉“待核实”',
  later: (n: number) => `更正：${n} 条价格的日期还没到`, laterWhy: '多半是记的时候时钟快了；改好日期，或作废', ofLine: (n: number) => `其中 ${n} 件在“同步”`,
  rate: '评价', answer: (t: string) => `补充：${t}`, asked: '省中心在问', answerMore: (n: number) => `还有 ${n} 条提议省中心在问`, aRecord: '一条记录', officers: '由后勤专员处理', start: '记一笔', price: '记价格', sheet: '价格表', propose: '提议增加', records: '看记录', accepted: (p: string, n: number) => `${p}：${n} 项提议都接受了`, partly: (p: string, n: number, k: number) => `${p}：${n} 项更正接受了 ${k} 项`, rejected: (p: string) => `${p}：没有接受`, withReason: '原因见里面',
  terms: ['小寒', '大寒', '立春', '雨水', '惊蛰', '春分', '清明', '谷雨', '立夏', '小满', '芒种', '夏至', '小暑', '大暑', '立秋', '处暑', '白露', '秋分', '寒露', '霜降', '立冬', '小雪', '大雪', '冬至'],
}

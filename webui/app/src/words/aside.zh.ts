// aside.zh.ts - the words of entries that were put aside.
export default {
  hub: '省中心', title: '搁在一边的', count: (n: string) => `${n} 条`, say: '磁盘退回旧样子以后写的记录，位置已被真正的历史占用：能补记的已经补记，补不进的搁在这里，内容不丢。', only: '后勤专员、目录管理员和管理员处理，其他角色只看。',
  states: { waiting: '等着补记', again: '已经补记', kept: '搁在一边' } as Record<string, string>, left: '不再补记',
  what: '记的是', why: '原因', when: '搁下时间', ref: '原签名记录', place: (epoch: number, seq: string) => `第 ${epoch} 期第 ${seq} 号`, proof: '证明', proofNone: '没有进总账，所以没有总账证明；签了名的原件留在这里。', again: (seq: string) => `补记在第 ${seq} 号`, act: '处理记录', next: '接下来',
  nextWaiting: '和对方核对完历史后自动补记。', nextAgain: '内容已在补记的那条里，不用处理。', nextKept: '升级程序后，或者它所说的那条补记以后，可以再试一次；需要的内容也可以重新记录。不再补记的，写明原因。', nextBranch: '支行会再报来；支行也没有了的，请支行重新记录，再写明原因。', nextWithheld: '内容已依法隐去，不会再补记；写明原因后不再列为待处理。', nextLeft: '已经决定，原件留在这里。',
  retry: '再试一次', leave: '不再补记', leaveTitle: '为什么不再补记', leaveWhy: '这会成为一条签名的记录，写明是谁、什么时候。原件仍留在这里。', note: '原因', leaveAct: '记下决定', said: '已记下。', retried: '已经补记。', retriedNo: (why: string) => `还是补不进：${why}`, cite: (who: string, when: string) => `${who} ${when}`, gone: '内容不在这里',
}

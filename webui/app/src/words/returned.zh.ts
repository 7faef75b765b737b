// returned.zh.ts - the words for what waits to be mended.
export default {
  title: '没有等到回答',
  n: (n: number) => `${n} 条`,
  untitled: '填过的一张表',
  unanswered: '按下以后没有等到回答，存没存还不知道；进去再按一次，不会存成两份',
  mend: (t: string) => `改好再存：${t}`,
  why: '本行没有收下，原因在里面',
  later: (n: number) => `更正：${n} 条价格的日期还没到`,
  laterWhy: '多半是记的时候时钟快了；改好日期，或作废',
}

// rate.zh.ts - the words of rating.
export default {
  title: '评价',
  scale: '每项 1 分差，5 分好。',
  noOld: '要更正的那条评价还没有取到，取到了才能更正。',
  outOf: (n: number) => `${n} 分`,
  remark: '评语',
  remarkHint: '写看得见的事：个头、损耗、几点到',
  save: '存到本行',
  after: '写错了可以更正；看法变了，再评一次，两次都算。',
}

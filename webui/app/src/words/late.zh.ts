// late.zh.ts - the words of a log that waits for its witnesses.
export default {
  listening: '省中心刚启动，先听各支行联系，再给总账签字。',
  listeningWhy: '这样能发现自己的硬盘有没有退回旧样。记录照常收，“省中心已收”的凭证稍后给。',
  heard: (n: number, of: number, names: string[], more: boolean, until: string) =>
    of === 0
      ? `它还不认识任何支行，最晚等到 ${until}。`
      : `已联系 ${n}/${of} 个${names.length ? `（${names.join('、')}${more ? '等' : ''}）` : ''}，最晚等到 ${until}。`,
  late: (len: string) => `总账有 ${len} 没等到足够的见证。`,
  lateWhy: '记录照常收；现在外人还不能作证这一段没有改过。看哪些支行断网，或者外部见证方为什么不应。',
  whys: {
    timeout: '没有及时回答',
    line: '连不上',
    bad_reply: '回答看不懂',
    witness_refused: '没有接受检查点',
    cosignature: '它的签名不对',
    not_verified: '它的证书不可信',
  } as Record<string, string>,
  fails: (n: string, len: string) => `外部见证方 ${n} 已经 ${len} 没有见证：`,
}

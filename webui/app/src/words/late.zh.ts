// late.zh.ts - the words of a log that waits for its witnesses.
export default {
  late: (len: string) => `总账有 ${len} 没等到足够的见证。`, lateWhy: '记录照常收；现在外人还不能作证这一段没有改过。看哪些支行断网，或者外部见证方为什么不应。',
  whys: { timeout: '没有及时回答', line: '连不上', bad_reply: '回答看不懂', witness_refused: '没有接受检查点', cosignature: '它的签名不对', not_verified: '它的证书不可信' } as Record<string, string>, fails: (n: string, len: string) => `外部见证方 ${n} 已经 ${len} 没有见证：`,
}

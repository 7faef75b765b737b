// trail.zh.ts - the words of the audit pages beside the list itself.
export default {
  tabs: { list: '记录', branches: '支行核对', events: '安全事件', keys: '密钥', held: '没有记进', withheld: '依法隐去', checkpoint: '检查点' },
  only: { early: '只看发生时间晚于收到的', back: '只看发生时间早于前一条的', lane: (n: string) => `只看省里发给${n}的`, drop: '去掉这项' },
  branches: {
    title: '支行核对', total: (n: string) => `总账 ${n} 条`, say: '每个作者的序号从 1 排起，每个号在总账里只许有一条。这里按总账里的记录逐条数，没有重新验签名和内容；全部重验用', verify: 'sunlit-hub verify',
    lag: (n: string) => `还有 ${n} 条没有数完，数完再下结论。`, at: (size: string, when: string) => `检查点 ${size} 条，${when} 签`, unsigned: '还没有签过检查点', silentAfter: (len: string) => `超过 ${len} 没有联系算失联`,
    states: { attention: '要看', offline: '失联', unknown: '从未联系', synced: '完整' } as Record<string, string>, counting: '还在数', ms: (n: string) => `${n} 毫秒`, all: '全部', filter: '按结论筛选', sort: '排序', none: '没有这样的支行', caption: '各支行的完整性和时间',
    sorts: { worst: '要看的在前', code: '按代码', silent: '失联最久的在前', delay: '到省最慢的在前', skew: '时钟差最大的在前', entries: '记录最多的在前' } as Record<string, string>,
    th: { branch: '支行', state: '结论', numbers: '序号', times: '到省用时', odd: '时间不对', contact: '最近联系', skew: '时钟差', held: '没有记进' },
    hub: '省中心', reasons: { fork: '同一号有两个版本，已停收', gap: '缺号', repeat: '有号重复', disagrees: '和总账的索引对不上', frozen: '已停收', parked: '有记录等升级', lost: '有记录在重建时已无处可寻', quarantined: '有记录没有记进', silent: '', never: '' } as Record<string, string>,
    numbers: (n: string) => `1—${n} 各一条`, noneYet: '还没有记录', missing: (n: string) => `缺 ${n} 条`, repeats: (n: string) => `重复 ${n} 条`, superseded: (n: string) => `${n} 条被取代，新旧都在`, breakAt: (expected: string, seq: string) => `该是第 ${expected} 号，来的是第 ${seq} 号`, down: (n: string) => `省发 ${n} 条`, frozen: (when: string) => `${when} 停收`, waiting: (n: string) => `第 ${n} 号起等升级`,
    median: (len: string) => `中位 ${len}`, max: (len: string) => `最长 ${len}`, early: (n: string, len: string) => `${n} 条晚于收到，最多 ${len}`, back: (n: string) => `${n} 条早于前一条`, silent: (len: string) => `失联 ${len}`, now: '正连着', held: (n: string) => `${n} 条`, parked: (n: string) => `等升级 ${n} 条`, lost: (n: string) => `无处可寻 ${n} 条`, refused: (n: string) => `省未接受 ${n} 条`, keys: (n: string) => `密钥 ${n} 把`,
  },
  events: {
    title: '安全事件', total: (n: string) => `${n} 条`, group: '哪一类', groups: { '': '全部', accounts: '账号和角色', refusals: '被拒绝的', access: '查阅和导出', keys: '邀请、发证、撤回、吊销、处理' } as Record<string, string>, where: '哪里', everywhere: '所有单位', caption: '安全事件，最新的在前', times: (n: string) => `${n} 次`, entry: '看记录', none: '没有这类事件', noneWhy: '换一类，或者看所有单位。', more: '更早的', system: '程序', commandLine: '命令行',
    th: { when: '时间', where: '哪里', what: '什么事', who: '账号', detail: '说明', entry: '记录' }, access: '查阅：每个账号十分钟内第一次看马上记，之后的合并成一条计数。导出、取证据包、核对检查点逐次记，连同筛选、行数、检查点和文件指纹。',
  },
  keys: { title: '密钥', total: (n: string) => `${n} 把`, say: '每个作者每次接入一把密钥；吊销之后旧签名仍可验证，新的不再收。', caption: '所有签过名的密钥', th: { author: '作者', epoch: '第几把', since: '启用', revoked: '吊销', key: '公钥' }, inForce: '在用' },
  held: {
    title: '没有记进', total: (n: string) => `${n} 条`, say: '这些记录签名对，已在总账里，但没有记进目录和台账。', none: '没有这样的记录', noneWhy: '收到的都记进了。', waits: '等升级', refused: '不会再记进', handledBy: (who: string, when: string) => `${who} ${when} 已处理`, why: '原因', detail: '细节', next: '接下来', found: '发现于',
    nextWaits: (theirs: string, ours: string) => `来自表结构第 ${theirs} 版，省中心是第 ${ours} 版。升级省中心后自动按序记进，不用处理。`, nextOrder: '排在它前面的那条记进后，自动跟着记进。', nextRefused: '支行已经收到通知，可以重新记录。查清后在这里写明怎么处理的；这一条留在总账里，不会再记进。', nextDone: '已经处理，留在总账里。', nextHub: '这是省中心自己的记录，请用 sunlit-hub verify 核对数据库。',
    behind: (n: string) => `它后面还有 ${n} 条一起等。`, entry: '看这条记录', handle: '标为已处理', handleTitle: '写明怎么处理的', handleWhy: '这会成为一条记录，写明是谁、什么时候。', note: '查到什么、怎么处理的', act: '记下处理结果', only: '目录管理员和管理员处理，审计员只看。', act_entry: '看处理记录', already: '别人已经处理过了', said: '已记下。',
  },
  checkpoint: {
    title: '检查点', say: '检查点是省中心对总账签的一句话：有多少条、根是什么。自己留一份，日后粘回来，就能证明那之前的一条都没有改过。', today: '今天的检查点', none: '还没有签过检查点', size: '条数', root: '根', origin: '总账', signed: '签于', save: '存今天的检查点', saveWhy: '存到省中心以外的地方，例如审计员自己的电脑，或者印在月报上。',
    paste: '粘上存过的检查点', pasteHint: '从第一行“…sunlit/log”到最后一行签名，全部粘上。', file: '或选存过的文件', act: '核对', empty: '先粘上检查点', saved: '存过的', now: '现在的', proof: '存一致性证明', proofWhy: '里面是两个检查点和证明，离线核对用', grown: (n: string) => `那以后新增 ${n} 条。`, recorded: '这次核对已记进审计。',
    faults: {
      note: '签名前面少一个空行。', note_line: '有一行签名不完整，或者不是以“—”开头。', note_lines: '签名行太多。', note_size: '太长，不是检查点。', note_byte: '里面有检查点不会有的字符。', checkpoint: '名称、条数、根这三行不对。',
      unknown_log: '第一行写的是别的日志。', no_signature: '没有一行签名出自省中心的密钥。', bad_signature: '签名按省中心的公钥验不过。', duplicate_signature: '同一把密钥签了两行。',
    } as Record<string, string>,
    verdicts: {
      same: ['就是现在的检查点', '条数和根完全相同，签名是省中心的。'], continues: ['一致：存过的是现在总账的开头', '签名是省中心的，证明已核对：那之前的记录一条没改、没少、没插。'],
      larger: ['存过的比现在的总账还长', '签名是省中心的，但现在的总账条数更少：记录被去掉了，或者省中心用旧备份恢复过。两份都留好，马上查。'], forked: ['不一致：历史被改写过', '两个检查点都是省中心签的，但存过的不是现在总账的开头。下载的文件就是证据，两份都留好，马上查。'],
      foreign: ['这是另一本总账的检查点', '名称不是本省总账，没有拿来比。'], unsigned: ['没有省中心的签名', '写的是本省总账，但没有省中心的签名行，不能作数。把签名行也粘上再试。'], forged: ['签名和内容不符', '有省中心的签名行，但内容被改过或者抄错了。请用原来的文件。'], damaged: ['不是完整的检查点', '缺行、多字或者换行被改过。请从原来的文件整段粘贴，或者选文件。'],
    } as Record<string, [string, string]>,
  },
  row: { finding: '正在找这条记录…' },
  behind: { title: '依据', prices: (n: string) => `近 ${n} 天计入的采价`, scores: '计入的评价', judgement: '判断这条价格时用的：其他各支行日期最近的一条，前后约 45 天', judged: (v: string, m: string, n: number) => `这条 ${v}，判断时 ${n} 个支行的中位是 ${m}`, judgedAlone: (v: string) => `这条 ${v}，判断时没有别的支行的价格`, judgedNow: (m: string) => `此后有更正或新报，现在这些的中位是 ${m}`, total: (n: string) => `${n} 条`, link: '看依据', history: '看记录', of: (what: string) => `${what}的依据`, say: '下面每一行都通到签过名的原始记录；作废、更正和未接受的不计入。', bundle: (n: string) => `取这 ${n} 条的证据包`, first: (n: string) => `证据包一次最多 ${n} 条，这里取最新的。`, bundleWhy: '可以离线核对；取用会记入审计。', th: { branch: '支行', figure: '数值', date: '日期', who: '经办', entry: '原始记录' }, none: '没有计入的记录', noneWhy: '换长一点的时间，或者看所有支行。', entry: (pos: string) => `总账第 ${pos} 位`, more: '更早的', marks: (q: number, p: number, d: number) => `质量 ${q}·价格 ${p}·配送 ${d}` },
  refs: { place: (a: string, n: string) => `${a} 的第 ${n} 条`, refused: (n: string) => `未接受 ${n}`, id: (n: string) => `编号 ${n}`, gone: '现在没有这一项' },
  filters: '筛选',
}

// doubt.zh.ts - the words of a branch that caught its province, and of entries it could not enter.
export default {
  title: '省中心的总账不可信', old: '以前的证据', count: (n: number) => `${n} 份证据`,
  stopped: '省中心的总账自相矛盾。', asUsual: '本行照常办理，记录都在本行；在查清之前不向省中心上报，也不认它的回执。', trusted: '现在听省中心的；证据一直留着。',
  held: (size: string, when: string) => `本行核对过的最后一个检查点：${size} 条，${when}。`,
  rules: { log_rewritten: '以前的记录被改写了', log_forked: '同样条数有两个不同的总账', log_rolled_back: '总账变短了，有记录不见了', leaves_differ: '本行的记录在总账里和本行的不一样', origin: '总账换了名字', hole_denied: '有人用省中心的密钥说本行有记录无处可寻，总账里却没有这个空位' } as Record<string, string>,
  other: '省中心的说法对不上', save: '存证据', only: '后勤专员和管理员可以取证据文件。',
  todo: '怎么办', steps: ['把证据文件存到本机以外，交给审计；不要删本行的数据。', '和省中心的管理员一起查清是哪台机器、什么时候出的问题。', '查清后，由管理员在本行节点上运行：'], command: 'sunlit-node trust --dir D', then: '它只是重新听省中心说话；接不上本行检查点的总账会再次被抓住。',
  handle: '标为已处理', handleTitle: '写明怎么处理的', handleWhy: '这会成为一条记录，省中心也看得到；之后这条不再列在这里。', note: '查到什么、怎么处理的', handleAct: '记下处理结果',
  quarantine: '省中心发来、没有记进的', quarantineN: (n: number) => `${n} 条`, waits: '等升级', refused: '没有记进', waitsWhy: (theirs: string, ours: string) => `来自表结构第 ${theirs} 版，本节点是第 ${ours} 版。升级本节点后自动按序记进。`, orderWhy: '排在它前面的那条记进后，自动跟着记进。', refusedWhy: (seq: string) => `请告诉省中心：第 ${seq} 条，原因见上。本行其他记录不受影响。`,
}

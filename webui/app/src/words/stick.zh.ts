// stick.zh.ts - the words of carrying records to the province by hand.
export default {
  title: '用 U 盘带到省中心',
  why: (n: number | null) =>
    n === null ? '连上本行后才知道有没有待上报的记录' : n ? `${n} 条，带去收下，再把回执带回来；重复带不会重报` : '现在没有待上报的记录',
  officers: '由后勤专员或管理员办',
  step1: '存到 U 盘',
  step1Why: '文件里是省中心还没收到的记录，都有签名，谁带、带几次都行，改不了。',
  save: '存文件',
  step2: '带到省中心，请那边收下',
  step2Why: '省中心的管理员在机器上运行下面的命令，会在旁边写出一个回执（.receipt）：',
  command: 'sunlit-hub accept --dir 数据目录 文件',
  step3: '把回执带回来',
  step3Why: '收下回执以后，这些记录就写明“省中心已收”，省中心的新内容也一起到。',
  choose: '选回执文件',
  taken: (through: string, entries: string) => `收下了：省中心已收到本行第 ${through} 条；带来省中心的新内容 ${entries} 条。`,
  returned: (n: string) => `这台机器丢了的本行记录 ${n} 条已经补回来。`,
  recorded: (n: string) => `这期间写的 ${n} 条已经补记在后面，编号可能变了：请再存一次文件、再带一次。`,
  kept: (n: string) => `还有 ${n} 条补不进，搁在一边，写着原因。`,
  again: '这个节点是从备份恢复的，这份回执还没说明省中心有哪些。请再存一次文件、再带一次。',
  lost: '没有收到回答：可能已经收下，也可能没有。再选一次同一个文件，收过的会说收过。',
  tooBig: '回执超过 8 MB，请管理员在节点上用命令收：sunlit-node accept --dir 数据目录 文件',
}

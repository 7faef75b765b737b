// unheard.zh.ts - the words of a branch that has not heard the province yet.
export default {
  what: { catalogue: '还没有从省中心取到信息库', history: '本行以前的记录还没有取全' } as Record<string, string>,
  why: { catalogue: '接入以来还没有和省中心通上话：产品、供应商和本行以前的记录都还没有来，有没有现在不知道。连上以后会自己来。', history: '省中心正在发回来，取全以前这里可能少；连上以后会自己接着取。' } as Record<string, string>,
  kept: '本行还没有从省中心取到信息库和以前的记录。取到以后自动存到本行，这一页会变。',
}

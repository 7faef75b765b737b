// confirm.zh.ts - the words of confirming what the catalogue says of a product.
export default {
  title: '核实产品', ask: (name: string) => `核实 ${name}？`, means: '核实是说：这个产品的上市月份和储存方式，本县的人看过，和信息库写的一样。省中心收到后，全省的支行都不再看到“待核实”，并写明是哪个县核实的。', once: '记下后签名存入台账，不能撤回；有出入请提更正，不要核实。', other: (county: string) => `这个产品产在${county}，最好由那里的支行核实。`, seasons: '上市月份', storage: '储存方式', act: '核实', actN: (n: number) => `核实 ${n} 种`, wrong: '有出入，提更正', cancel: '先不核实', list: (place: string, n: string) => `${place}的产品，${n} 种待核实`, pick: '看过月份和储存方式，和当地一样的打勾，一起核实。', all: '没有待核实的产品', allWhy: '本县产的产品都核实过了。', other2: '其他产地的产品，从产品页核实。', done: (n: number) => `${n} 种已核实，记录已存本行。`, phone: (n: number) => `${n} 种已存本机，连上后自动送。`, failed: (name: string, why: string) => `${name}：${why}`, none: '先打勾', look: '看产品', confirm: '核实',
  changed: '你看过以后，省中心改过了。这是现在的内容，请再看一遍。', changedOf: (name: string) => `${name}：你看过以后，省中心改过了，还没有核实。请再看一遍再打勾。`, now: '信息库现在写的', actNow: '看过了，核实现在的内容', before: '本行以前核实过；省中心其后改过月份或储存方式，或者退回了。请按现在的内容再看一遍。',
}

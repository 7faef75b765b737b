// form.zh.ts - the words of every form, and of the rules it checks before it sends.
import type { Rules } from './refusal'

export default {
  form: {
    notSaved: (bad: number, doubts: number) => '还没有存：' + [bad ? `${bad} 处要改` : '', doubts ? `${doubts} 处请核对` : ''].filter(Boolean).join('，'),
    draft: '接着上次没存完的填。', dropDraft: '清空重填', pressSaved: '按下时填的已经存好。', since: '那以后改的还在下面，没有存；再存，会是新的一条。', sinceSee: '看存好的那一条',
  },
  rules: {
    check_digit: () => '最后一位对不上，请核对有没有写错', account_name: () => '只用小写字母和数字，中间可以有单个的 . _ -，2 到 32 个字符；system 留给程序', twice: () => '重复了', control_character: () => '有看不见的控制字符', character: () => '有不该有的字符', required: () => '还没有填', choose: () => '还没有选', type: () => '格式不对', range: () => '超出范围', length: (p) => (p.max ? `太长，最多 ${p.max} 字` : '太长或太短'), one_of: (p) => (p.choices ? `没有这个选项，可填：${p.choices}` : '没有这个选项'),
    date: () => '写法不对，例 2026-11-24', future: (p) => `晚于今天${p.today ? `（${p.today}）` : ''}`, number: () => '不是数字，例 118.00', thousands: () => '逗号只隔开千位，小数用点：12.50', places: (p) => (p.places === undefined ? '小数位太多：单价两位，数量三位' : `最多 ${p.places} 位小数`), most: (p) => `不能超过 ${p.most}`, whole: () => '要写整数', brief: () => '太短，写清楚一些',
    uscc: () => '最后一位对不上，请核对有没有写错', uscc_length: (p) => `要 18 位，现在 ${p.count} 位`, uscc_character: (p) => `不用“${p.character}”这个字符`, positive: () => '要大于 0', negative: () => '不能是负数', unit: (p) => (p.unit ? `单价按${p.unit}记，写的是${p.typed}，换算好再填` : '不是这个产品的单位，换算好再填'), repeat: () => '两次输入的不一样', short: (p) => `太短，至少 ${p.min ?? 10} 个字符`, same: () => '和现在的一样', months: () => '起止都要写全', duplicate: () => '重复了',
    outlier_own: (p) => `请核对，是本县上次记录的 ${p.times} 倍`, outlier: (p) => (p.own_fen ? '请核对，与本县上次记录相差太多' : p.times ? `请核对，是全省中位价的 ${p.times} 倍` : '请核对，离全省中位价太远'), edge_space: () => '首尾有空格', same_name: () => '信息库里已有同名的产品，看上面的提示', unchanged: () => '和现在的一样',
  } as Rules,
}

// import.zh.ts - the words of importing a catalogue.
export default { title: '导入目录', rule: '有一行不对，整个文件都不进；每一处都会说明。', templateWhy: '模板里有中文列名、可选的词、示例和产地代码。拼音空着会自动补上。', stepWhy: 'XLSX 或 CSV，用中文列名，种子的英文列名也认', act: '检查并导入', done: (n: number, a: number, c: number) => `${n} 个产品：新增 ${a}，改动 ${c}`, doneWhy: '各支行下次联系时收到。' }

// places.ts - the counties of each prefecture in the order in which they lie, west to east and north to south, three to
// five a row: the board is not a map, but a person who knows the province finds a county where they look for it.

/** Name of the block in the stylesheet, the code of its prefecture, and the last two digits of its counties' GB/T 2260 codes. */
const LIE: [string, number, string][] = [
  ['huz', 3305, '22 02 03 23 21'],
  ['jia', 3304, '83 11 02 21 81 24 82'],
  ['han', 3301, '12 10 05 13 14 27 11 06 02 08 82 22 09'],
  ['sha', 3306, '03 02 04 81 83 24'],
  ['nin', 3302, '81 82 11 06 03 05 12 13 26 25'],
  ['zho', 3309, '21 22 02 03'],
  ['quz', 3308, '24 02 25 22 81 03'],
  ['jin', 3307, '81 26 82 02 03 83 23 84 27'],
  ['tai', 3310, '23 22 82 24 03 02 04 81 83'],
  ['lis', 3311, '23 24 22 81 25 02 26 27 21'],
  ['wen', 3303, '28 24 82 05 29 04 02 03 27 26 81 83'],
]
export const BLOCKS: [string, number[]][] = LIE.map(([name, prefecture, ends]) => [name, ends.split(' ').map((end) => prefecture * 100 + Number(end))])

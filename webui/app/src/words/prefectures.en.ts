// prefectures.en.ts - how the eleven prefectures are called, in English.
import type zh from './prefectures.zh'

const en: typeof zh = {
  '3301': 'Hangzhou', '3302': 'Ningbo', '3303': 'Wenzhou', '3304': 'Jiaxing', '3305': 'Huzhou', '3306': 'Shaoxing',
  '3307': 'Jinhua', '3308': 'Quzhou', '3309': 'Zhoushan', '3310': 'Taizhou', '3311': 'Lishui',
}

export default en

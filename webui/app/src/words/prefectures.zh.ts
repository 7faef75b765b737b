// prefectures.zh.ts - how the eleven prefectures are called, by the first four digits of a code.
export default {
  '3301': '杭州', '3302': '宁波', '3303': '温州', '3304': '嘉兴', '3305': '湖州', '3306': '绍兴', '3307': '金华', '3308': '衢州', '3309': '舟山', '3310': '台州', '3311': '丽水',
} as Record<string, string>

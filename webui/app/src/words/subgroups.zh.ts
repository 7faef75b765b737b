// subgroups.zh.ts - the smaller groups of products, called as in core/domain/describe.c, which sheets are read and written by.
export default {
  'sea fish': '海水鱼', crab: '蟹', shrimp: '虾', cephalopod: '头足类', shellfish: '贝类', algae: '藻类', reptile: '龟鳖', 'other seafood': '其他海产',
  'freshwater fish': '淡水鱼', poultry: '禽', pork: '猪肉', mutton: '羊肉', egg: '蛋', dairy: '奶', beef: '牛肉', fruit: '水果',
  'aquatic vegetable': '水生蔬菜', 'leaf vegetable': '叶菜', nut: '坚果', 'bamboo shoot': '笋', 'root vegetable': '根茎菜', 'stem vegetable': '茎菜',
  'flower vegetable': '花菜', 'bean vegetable': '豆类蔬菜', melon: '瓜', 'fruit vegetable': '茄果', 'medicinal food': '药食两用', 'spice vegetable': '香辛菜',
  mushroom: '食用菌', 'mixed vegetable': '综合蔬菜', grain: '粮食', tea: '茶叶', starch: '淀粉', pickle: '酱腌菜', 'cured meat': '腌腊肉', 'soy product': '豆制品',
  'semi-finished': '半成品', 'dried vegetable': '干菜', snack: '小吃零食', 'rice cake': '米糕年糕', 'bee product': '蜂产品', 'dried seafood': '海味干货', wine: '酒',
  'edible oil': '食用油', confectionery: '糖果', pastry: '糕点', 'preserved seafood': '腌制海产', noodle: '面条粉丝', 'egg product': '蛋制品',
  'herbal tea': '代用茶', condiment: '调味品', 'canned food': '罐头', 'health food': '滋补品',
} as Record<string, string>

// subgroups.zh.ts - the smaller groups of products.
export default {
  'sea fish': '海鱼', crab: '蟹', shrimp: '虾', cephalopod: '头足类', shellfish: '贝', algae: '藻', reptile: '龟鳖', 'other seafood': '其他水产',
  'freshwater fish': '淡水鱼', poultry: '禽', pork: '猪肉', mutton: '羊肉', egg: '蛋', dairy: '奶', beef: '牛肉', fruit: '水果',
  'aquatic vegetable': '水生蔬菜', 'leaf vegetable': '叶菜', nut: '坚果', 'bamboo shoot': '笋', 'root vegetable': '根茎菜', 'stem vegetable': '茎菜',
  'flower vegetable': '花菜', 'bean vegetable': '豆类', melon: '瓜', 'fruit vegetable': '茄果', 'medicinal food': '药食', 'spice vegetable': '香辛菜',
  mushroom: '菌菇', 'mixed vegetable': '什锦菜', grain: '粮', tea: '茶', starch: '淀粉', pickle: '腌菜', 'cured meat': '腊肉', 'soy product': '豆制品',
  'semi-finished': '半成品', 'dried vegetable': '干菜', snack: '小吃', 'rice cake': '年糕', 'bee product': '蜂产品', 'dried seafood': '海产干货', wine: '酒',
  'edible oil': '食用油', confectionery: '糖果', pastry: '糕点', 'preserved seafood': '腌制海产', noodle: '面', 'egg product': '蛋制品',
  'herbal tea': '代茶饮', condiment: '调味品', 'canned food': '罐头', 'health food': '保健食品',
} as Record<string, string>

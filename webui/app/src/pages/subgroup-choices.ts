// subgroup-choices.ts - which smaller groups a group of products has.
const CHOICES: Record<string, string[]> = {
  aquatic: ['sea fish', 'freshwater fish', 'crab', 'shrimp', 'shellfish', 'cephalopod', 'algae', 'reptile', 'other seafood'],
  livestock: ['pork', 'beef', 'mutton', 'poultry', 'egg', 'dairy'],
  produce: [
    'fruit', 'leaf vegetable', 'root vegetable', 'stem vegetable', 'flower vegetable', 'bean vegetable', 'fruit vegetable', 'melon',
    'aquatic vegetable', 'bamboo shoot', 'mushroom', 'nut', 'spice vegetable', 'medicinal food', 'mixed vegetable', 'grain',
  ],
  processed: [
    'tea', 'semi-finished', 'pastry', 'dried seafood', 'preserved seafood', 'cured meat', 'soy product', 'rice cake', 'noodle', 'snack',
    'confectionery', 'pickle', 'dried vegetable', 'wine', 'edible oil', 'bee product', 'condiment', 'starch', 'egg product', 'herbal tea',
    'canned food', 'health food',
  ],
}

/** Those of the group, and the one that is chosen already. */
export function subgroupsOf(group: string, chosen: string): string[] {
  const all = CHOICES[group] ?? []
  return chosen && !all.includes(chosen) ? [chosen, ...all] : all
}

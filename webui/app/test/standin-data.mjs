// standin-data.mjs - examples for the stand-in: real products and counties, invented figures.

// name, pinyin, English, group, subgroup, origin, place, first and last month, storage, unit, protected, ours, median, score, ratings
const PRODUCTS = [
  ["淳安无核柿", "chun an wu he shi", "Chun'an seedless persimmon", "produce", "fruit", "330127", "淳安县", 10, 11, "ambient", "kg", 0, 960, 920, 4.4, 12],
  ["千岛湖鳜鱼", "qian dao hu gui yu", "Qiandao Lake mandarin fish", "aquatic", "freshwater fish", "330127", "淳安县", 3, 11, "live", "kg", 0, 9600, 9800, 4.6, 21],
  ["千岛湖山茶油", "qian dao hu shan cha you", "Qiandao Lake camellia oil", "processed", "edible oil", "330127", "淳安县", 11, 4, "ambient", "bottle", 0, 12800, 12600, 4.5, 33],
  ["三都柑橘", "san du gan ju", "Sandu mandarin", "produce", "fruit", "330182", "建德市", 10, 12, "chilled", "kg", 0, 680, 650, 4.2, 28],
  ["临安山核桃", "lin an shan he tao", "Lin'an hickory nut", "produce", "nut", "330112", "临安区", 9, 11, "dry", "kg", 1, 11800, 12000, 4.7, 52],
  ["沾桥荸荠", "zhan qiao bi qi", "Zhanqiao water chestnut", "produce", "aquatic vegetable", "330113", "临平区", 11, 3, "ambient", "kg", 0, 0, 840, null, 3],
  ["萧山甲鱼", "xiao shan jia yu", "Xiaoshan soft-shelled turtle", "aquatic", "reptile", "330109", "萧山区", 4, 12, "live", "kg", 0, 0, 13600, 4.0, 7],
  ["安吉冬笋", "an ji dong sun", "Anji winter bamboo shoot", "produce", "bamboo shoot", "330523", "安吉县", 11, 2, "chilled", "kg", 0, 2600, 2450, 4.3, 17],
  ["太湖白鱼", "tai hu bai yu", "Taihu topmouth culter", "aquatic", "freshwater fish", "330502", "吴兴区", 9, 1, "chilled", "kg", 0, 6800, 6400, 4.2, 11],
  ["舟山三疣梭子蟹", "zhou shan san you suo zi xie", "Zhoushan swimming crab", "aquatic", "crab", "330903", "普陀区", 8, 1, "live", "kg", 1, 11800, 11200, 4.3, 37],
  ["舟山带鱼", "zhou shan dai yu", "Zhoushan hairtail", "aquatic", "sea fish", "330903", "普陀区", 9, 1, "frozen", "kg", 1, 4600, 4400, 4.5, 64],
  ["衢州椪柑", "qu zhou peng gan", "Quzhou ponkan", "produce", "fruit", "330802", "柯城区", 11, 3, "ambient", "kg", 1, 560, 540, 4.4, 41],
  ["常山胡柚", "chang shan hu you", "Changshan huyou grapefruit", "produce", "fruit", "330822", "常山县", 11, 4, "ambient", "kg", 1, 0, 620, 4.5, 38],
  ["建德草莓", "jian de cao mei", "Jiande strawberry", "produce", "fruit", "330182", "建德市", 12, 4, "chilled", "box", 0, 0, 3800, 4.1, 9],
  ["千岛湖鳙鱼", "qian dao hu yong yu", "Qiandao Lake bighead carp", "aquatic", "freshwater fish", "330127", "淳安县", 1, 12, "live", "kg", 0, 0, 0, null, 0],
  ["千岛玉叶", "qian dao yu ye", "Qiandao Yuye tea", "processed", "tea", "330127", "淳安县", 3, 5, "chilled", "box", 0, 0, 0, null, 0],
  ["三门青蟹", "san men qing xie", "Sanmen mud crab", "aquatic", "crab", "331022", "三门县", 5, 11, "live", "kg", 1, 0, 0, null, 0],
  ["金华火腿", "jin hua huo tui", "Jinhua ham", "processed", "cured meat", "330702", "婺城区", 1, 12, "ambient", "piece", 1, 0, 0, null, 0],
]
const COUNTIES = [
  ["330102", "上城区", "Shangcheng District"], ["330105", "拱墅区", "Gongshu District"], ["330106", "西湖区", "Xihu District"],
  ["330108", "滨江区", "Binjiang District"], ["330109", "萧山区", "Xiaoshan District"], ["330110", "余杭区", "Yuhang District"],
  ["330111", "富阳区", "Fuyang District"], ["330112", "临安区", "Lin'an District"], ["330113", "临平区", "Linping District"],
  ["330114", "钱塘区", "Qiantang District"], ["330122", "桐庐县", "Tonglu County"], ["330127", "淳安县", "Chun'an County"],
  ["330182", "建德市", "Jiande City"], ["330203", "海曙区", "Haishu District"], ["330205", "江北区", "Jiangbei District"],
  ["330206", "北仑区", "Beilun District"], ["330211", "镇海区", "Zhenhai District"], ["330212", "鄞州区", "Yinzhou District"],
  ["330213", "奉化区", "Fenghua District"], ["330225", "象山县", "Xiangshan County"], ["330226", "宁海县", "Ninghai County"],
  ["330281", "余姚市", "Yuyao City"], ["330282", "慈溪市", "Cixi City"], ["330302", "鹿城区", "Lucheng District"],
  ["330303", "龙湾区", "Longwan District"], ["330304", "瓯海区", "Ouhai District"], ["330305", "洞头区", "Dongtou District"],
  ["330324", "永嘉县", "Yongjia County"], ["330326", "平阳县", "Pingyang County"], ["330327", "苍南县", "Cangnan County"],
  ["330328", "文成县", "Wencheng County"], ["330329", "泰顺县", "Taishun County"], ["330381", "瑞安市", "Rui'an City"],
  ["330382", "乐清市", "Yueqing City"], ["330383", "龙港市", "Longgang City"], ["330402", "南湖区", "Nanhu District"],
  ["330411", "秀洲区", "Xiuzhou District"], ["330421", "嘉善县", "Jiashan County"], ["330424", "海盐县", "Haiyan County"],
  ["330481", "海宁市", "Haining City"], ["330482", "平湖市", "Pinghu City"], ["330483", "桐乡市", "Tongxiang City"],
  ["330502", "吴兴区", "Wuxing District"], ["330503", "南浔区", "Nanxun District"], ["330521", "德清县", "Deqing County"],
  ["330522", "长兴县", "Changxing County"], ["330523", "安吉县", "Anji County"], ["330602", "越城区", "Yuecheng District"],
  ["330603", "柯桥区", "Keqiao District"], ["330604", "上虞区", "Shangyu District"], ["330624", "新昌县", "Xinchang County"],
  ["330681", "诸暨市", "Zhuji City"], ["330683", "嵊州市", "Shengzhou City"], ["330702", "婺城区", "Wucheng District"],
  ["330703", "金东区", "Jindong District"], ["330723", "武义县", "Wuyi County"], ["330726", "浦江县", "Pujiang County"],
  ["330727", "磐安县", "Pan'an County"], ["330781", "兰溪市", "Lanxi City"], ["330782", "义乌市", "Yiwu City"],
  ["330783", "东阳市", "Dongyang City"], ["330784", "永康市", "Yongkang City"], ["330802", "柯城区", "Kecheng District"],
  ["330803", "衢江区", "Qujiang District"], ["330822", "常山县", "Changshan County"], ["330824", "开化县", "Kaihua County"],
  ["330825", "龙游县", "Longyou County"], ["330881", "江山市", "Jiangshan City"], ["330902", "定海区", "Dinghai District"],
  ["330903", "普陀区", "Putuo District"], ["330921", "岱山县", "Daishan County"], ["330922", "嵊泗县", "Shengsi County"],
  ["331002", "椒江区", "Jiaojiang District"], ["331003", "黄岩区", "Huangyan District"], ["331004", "路桥区", "Luqiao District"],
  ["331022", "三门县", "Sanmen County"], ["331023", "天台县", "Tiantai County"], ["331024", "仙居县", "Xianju County"],
  ["331081", "温岭市", "Wenling City"], ["331082", "临海市", "Linhai City"], ["331083", "玉环市", "Yuhuan City"],
  ["331102", "莲都区", "Liandu District"], ["331121", "青田县", "Qingtian County"], ["331122", "缙云县", "Jinyun County"],
  ["331123", "遂昌县", "Suichang County"], ["331124", "松阳县", "Songyang County"], ["331125", "云和县", "Yunhe County"],
  ["331126", "庆元县", "Qingyuan County"], ["331127", "景宁畲族自治县", "Jingning She Autonomous County"], ["331181", "龙泉市", "Longquan City"],
]
const LAST = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const iso = (ms) => new Date(ms + 8 * 3600_000).toISOString().slice(0, 10)

export function products() {
  const now = Date.now()
  const one = (r, i, suffix = '') => ({
    id: 100 + i, name_zh: r[0] + suffix, name_pinyin: r[1], name_en: r[2], group: r[3], subgroup: r[4], origin_code: Number(r[5]), prefecture_code: Number(r[5].slice(0, 4) + '00'), prefecture_name: '', origin_name: r[6], origin_name_en: r[6] ? `County ${r[5]}` : '',
    seasons: [{ kind: 'open', start_md: r[7] * 100 + 1, end_md: r[8] * 100 + LAST[r[8] - 1] }, ...(r[0] === '舟山三疣梭子蟹' ? [{ kind: 'closed', start_md: 501, end_md: 815 }] : [])],
    rev: 7, storage: r[9], storage_note_zh: r[9] === 'live' ? '活体低温保湿运输，到货当日验收或暂养' : '阴凉通风，轻拿轻放', unit: r[10], geo_indication: r[11] === 1, confirmed: i % 3 !== 1, own_price: r[12] ? { price_fen: r[12], date: iso(now - (i % 9) * 86400_000), source: 'settled' } : null,
    median_fen: r[13] || null, score: r[15] >= 5 ? r[14] : null, score_count: r[15], status: 'active',
  })
  const all = PRODUCTS.map((r, i) => one(r, i))
  for (let n = 2; n <= 8; n++) PRODUCTS.forEach((r, i) => all.push(one(r, n * 100 + i, `（${n}）`)))   // enough for a second page
  return all
}

export const suppliers = (now = Date.now()) => [
  { id: 1, name: '供应商甲', uscc: '91330903MA2A1B2C3D', division: 330903, division_name: '普陀区', division_name_en: 'Putuo District', status: 'active', status_reason: '', licence_no: 'JY13309030012345', licence_until: iso(now + 480 * 86400_000), contact_name: '联系人甲', contact_phone: '0580-0000001', rev: 3, channels: 1, score: 4.4, score_count: 12 },
  { id: 2, name: '供应商乙', uscc: '91330921MA2A1B2C3E', division: 330921, division_name: '岱山县', division_name_en: 'Daishan County', status: 'active', status_reason: '', licence_no: 'JY13309210012345', licence_until: iso(now + 47 * 86400_000), contact_name: '联系人乙', contact_phone: '0580-0000002', rev: 2, channels: 1, score: null, score_count: 2 },
  { id: 3, name: '供应商丙', uscc: '91330102MA2A1B2C3F', division: 330102, division_name: '上城区', division_name_en: 'Shangcheng District', status: 'suspended', status_reason: '换证并经省中心确认前不能下单', licence_no: 'JY13301020012345', licence_until: iso(now - 20 * 86400_000), contact_name: '', contact_phone: '', rev: 5, channels: 1, score: null, score_count: 0 },
]
export const channels = (now) => {
  const s = suppliers(now)
  return [
    { id: 1, supplier: s[0], way: 'direct', min_order_qty: 20, delivery_area: '周二、周五送到淳安', note: '', rev: 1 },
    { id: 2, supplier: s[1], way: 'wholesale', min_order_qty: 10, delivery_area: '次日送到', note: '', rev: 1 },
    { id: 3, supplier: s[2], way: 'wholesale', min_order_qty: 0, delivery_area: '', note: '', rev: 1 },
  ]
}
export const evaluations = (now) => [
  { id: 61, no: 'PJ330127-202611-0012', quality: 3, price: 4, delivery: 4, remark: '3 只断肢，按 2 公斤扣减后结算。', actor: 'officer', at_ms: now - 34 * 60_000 },
  { id: 60, no: 'PJ330127-202611-0009', quality: 5, price: 4, delivery: 5, remark: '个体匀，活力好，6:40 到食堂。', actor: 'staff', at_ms: now - 4 * 86400_000 },
]
export const proposals = (now) => [
  { id: 9, no: 'TY330127-202611-0009', kind: 'correction', target: 100, target_name: '淳安无核柿', base_rev: 7, reason: '三批到货都带预冷单，常温放 2 天就软。', actor: 'officer', at_ms: now - 3 * 86400_000,
    patch: { storage: 'chilled', storage_note_zh: '预冷后 5~8℃ 冷藏，单层摆放，轻拿轻放防压伤', seasons: [{ kind: 'open', start_md: 1001, end_md: 1231 }] },
    decision: { verdict: 'partly', fields: { storage: 'accepted', storage_note_zh: 'accepted', seasons: 'rejected' }, reason: '晚采果 12 月有零星供应，但不是主要上市期。请再记两年的采价作依据。', at_ms: now - 19 * 3600_000, actor: 'curator' } },
  { id: 8, no: 'TY330127-202611-0008', kind: 'new_product', target: null, target_name: '威坪辣椒酱', base_rev: null, reason: '本县三个食堂都在用。', actor: 'staff', at_ms: now - 86400_000, patch: { name_zh: '威坪辣椒酱', group: 'processed', unit: 'bottle', storage: 'ambient' }, decision: null },
]

export function branches(now) {
  const H = 3600_000
  const odd = {
    331083: { state: 'attention', reason: 'fork', seq: 3902 }, 330225: { state: 'attention', refused: 3, skew_ms: 192_000, reason: 'refused' },
    330922: { state: 'offline', since_ms: now - 77 * H, pending: 0 }, 330329: { state: 'offline', since_ms: now - 27 * H, pending: 4, skew_ms: -1000 }, 331127: { state: 'offline', since_ms: now - 6.2 * H }, 330127: { state: 'offline', since_ms: now - 2.25 * H }, 331126: { state: 'offline', since_ms: now - 0.7 * H, pending: 1, version: '0.9.8' },
    330114: { state: 'unknown', last_contact_ms: null, reason: 'invited' }, 331081: { state: 'pending', pending: 31, oldest_pending_ms: now - 28 * 60_000 }, 331102: { state: 'pending', pending: 12, oldest_pending_ms: now - 7 * 60_000 }, 330523: { state: 'pending', pending: 5, oldest_pending_ms: now - 4 * 60_000 }, 331181: { state: 'pending', pending: 4, oldest_pending_ms: now - 2 * 60_000, version: '0.9.8', skew_ms: 1000 }, 330902: { state: 'pending', pending: 2, oldest_pending_ms: now - 60_000 }, 330822: { state: 'pending', pending: 1, oldest_pending_ms: now - 60_000 },
  }
  const out = []
  for (let i = 0; i < COUNTIES.length; i += 1) {
    const [code, name_zh, name_en] = COUNTIES[i]
    const o = odd[code] ?? {}
    const state = o.state ?? 'synced'
    out.push({ code: Number(code), name_zh, name_en, prefecture_code: Number(code.slice(0, 4) + '00'), prefecture_name: '', state, since_ms: now - 3 * H, last_contact_ms: state === 'offline' ? o.since_ms : now - 60_000, pending: 0, oldest_pending_ms: null, refused: 0, skew_ms: 0, version: '1.0.0', schema: 1, upgrade: { attention: 'attention', offline: 'wait_link', pending: 'wait_pending', synced: 'ok', unknown: null }[state], epoch: 1, seq: 4000, reason: '', ...o })
  }
  return out
}

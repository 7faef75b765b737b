// trust.zh.ts - the words about opening without the node, and about the certificate that it takes.
export default {
  title: '断网时也能打开',
  states: {
    unknown: '正在看这个浏览器能不能离线打开。',
    held: '可以。连不上本行时，页面、上次取到的内容、草稿和没送出的记录，从这里、收藏夹和桌面图标都打得开。',
    refused: '还不行：这个浏览器不认得本行的证书。记录照样能存、能送；但连不上本行时，一刷新或重新打开就只有浏览器自己的错误页。装一次证书就好。',
    none: '这个浏览器或这种连接不能离线打开。记录照样能存、能送。',
  } as Record<string, string>,
  why: '这个网址的证书由省中心签发，浏览器还不认得它，所以会说“不安全”。装一次，以后不用再装。',
  download: '下载本省证书', print: '装之前和管理员核对指纹（SHA-256）：', after: '装好后关掉浏览器，再打开这一页看上面那句话。',
  unnamed: (address: string, name: string) => `装了还说“不安全”，就是证书里没有 ${address} 这个地址。请管理员在办公室的域名服务里加上 ${name}，用它打开。`,
  unnamedHub: (address: string) => `装了还说“不安全”，就是证书里没有 ${address} 这个地址。请管理员把它加进省中心 sunlit.conf 的 people.addresses。`,
  means: '装了它，这台手机就相信省中心签发的任何网址，所以只在核对过指纹后装。离开本行或换手机时，在同一处设置里删掉它。',
  phones: {
    android: ['安卓', ['下载本省证书，文件名 sunlit-ca.crt', '设置里搜“证书”，进“加密与凭据”，点“安装证书”', '选“CA 证书”，看到提醒时选“仍然安装”，再选刚下载的文件']],
    harmony: ['鸿蒙', ['下载本省证书，文件名 sunlit-ca.crt', '设置里搜“证书”，进“证书与凭据”（旧版叫“加密和凭据”）', '点“从存储设备安装”，选“CA 证书”，再选刚下载的文件']],
    iphone: ['苹果', ['用 Safari 打开这一页，下载本省证书，选“允许”', '设置 › 通用 › VPN 与设备管理，点刚下载的描述文件，安装', '设置 › 通用 › 关于本机 › 证书信任设置，把它打开']],
  } as Record<string, [string, string[]]>,
  home: '放到桌面', homeWhy: '安卓和鸿蒙：浏览器菜单里点“添加到桌面”或“添加到主屏幕”。苹果：Safari 的分享里点“添加到主屏幕”。', 
}

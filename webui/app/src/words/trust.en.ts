// trust.en.ts - the words about opening without the node, in English.
import type zh from './trust.zh'

const en: typeof zh = {
  title: 'Opening without the line',
  states: {
    unknown: 'Looking whether this browser can open without the line.',
    held: 'It can. When the branch does not answer, pages, what was last fetched, drafts and unsent records open from here, from a bookmark '
      + 'and from the home screen.',
    refused:
      'Not yet: this browser does not know the certificate of the branch. Records are saved and sent all the same; but when the branch does '
        + 'not answer, a reload shows only the browser’s own error page. Install the certificate once.',
    none: 'This browser or this kind of connection cannot open without the line. Records are saved and sent all the same.',
  },
  why: 'The certificate of this address was issued by the province, and the browser does not know it yet: so it says “not secure”. It is installed once.',
  download: 'Download the province’s certificate',
  print: 'Compare its fingerprint (SHA-256) with the administrator before you install it:',
  after: 'Then close the browser, open this page again, and look at the sentence above.',
  unnamed: (address, name) =>
    `If it still says “not secure”, the certificate does not name ${address}. Ask the administrator to put ${name} into the office’s DNS, `
      + 'and open the pages by it.',
  unnamedHub: (address) =>
    `If it still says “not secure”, the certificate does not name ${address}. Ask the administrator to add it to people.addresses in the `
      + 'province’s sunlit.conf.',
  means:
    'With it this phone believes whatever address the province certifies, so install it only when the fingerprint is the same. When you '
      + 'leave the branch or change the phone, remove it in the same place of the settings.',
  phones: {
    android: [
      'Android',
      [
        'Download the province’s certificate, sunlit-ca.crt',
        'In Settings search for “certificate”, open “Encryption & credentials”, choose “Install a certificate”',
        'Choose “CA certificate”, then “Install anyway”, then the downloaded file',
      ],
    ],
    harmony: [
      'HarmonyOS',
      [
        'Download the province’s certificate, sunlit-ca.crt',
        'In Settings search for “certificate”, open “Certificates & credentials” (earlier “Encryption & credentials”)',
        'Choose “Install from storage”, “CA certificate”, then the downloaded file',
      ],
    ],
    iphone: [
      'iPhone',
      [
        'Open this page in Safari, download the certificate, choose “Allow”',
        'Settings › General › VPN & Device Management: install the downloaded profile',
        'Settings › General › About › Certificate Trust Settings: switch it on',
      ],
    ],
  },
  home: 'On the home screen',
  homeWhy: 'Android and HarmonyOS: “Add to Home screen” in the browser’s menu. iPhone: “Add to Home Screen” in Safari’s share sheet.',
}

export default en

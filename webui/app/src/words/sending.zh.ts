// sending.zh.ts - the words of a file on its way.
export default {
  sent: (n: string, of: string) => `已传 ${n}，共 ${of}`,
  waits: '都传出去了，在等回答',
  stop: '不传了',
  stopped: '停下了，没有传完，什么也没有存。',
  stoppedLate: '停下了，没有等回答：可能已经收下，也可能没有。同一个文件再交一次，不会记成两份。',
}

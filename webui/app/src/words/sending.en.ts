// sending.en.ts - the words of a file on its way.
export default {
  sent: (n: string, of: string) => `${n} of ${of} sent`,
  waits: 'All of it has left; waiting for the answer',
  stop: 'Stop sending',
  stopped: 'Stopped before all of it was sent: nothing is saved.',
  stoppedLate: 'Stopped without waiting for the answer: it may have been taken, or not. The same file sent again is not recorded twice.',
}

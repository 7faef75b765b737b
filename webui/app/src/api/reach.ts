// reach.ts - which answers mean "not now": the front in between speaks, the program behind it does not.

export const isBusy = (status: number): boolean => status === 502 || status === 504

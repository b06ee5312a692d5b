/** On whose behalf a view is read. The operator of the hub sees all. */
export interface Viewer {
  readonly all: true
}

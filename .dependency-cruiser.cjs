/** The layers of ARCHITECTURE.md: what each folder of src/ may import. */
const layers = {
  std: [],
  buckets: ['std'],
  snapshot: ['std'],
  metrics: ['std'],
  settings: ['std', 'telemetry'],
  telemetry: ['std'],
  store: ['std'],
  dns: ['std', 'telemetry'],
  engine: ['std', 'snapshot', 'telemetry'],
  certificates: ['std'],
  trail: ['std', 'store', 'telemetry', 'buckets'],
  aws: ['std', 'store', 'snapshot', 'telemetry', 'certificates', 'metrics', 'trail', 'buckets'],
  huawei: ['std', 'store', 'snapshot', 'telemetry', 'certificates'],
  api: ['std', 'telemetry', 'aws', 'huawei'],
  issuance: ['std', 'store', 'telemetry', 'aws'],
  notifications: ['std', 'store', 'telemetry', 'aws'],
  reconcile: ['std', 'store', 'snapshot', 'telemetry', 'aws', 'huawei', 'issuance'],
  doctor: ['std', 'store', 'snapshot', 'telemetry', 'aws', 'reconcile'],
  proxy: ['std', 'snapshot', 'settings', 'telemetry', 'buckets', 'engine'],
}

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, dependencyTypesNot: ['core'] },
    },
    ...Object.entries(layers).map(([layer, mayImport]) => ({
      name: `layer-${layer}`,
      comment: `${layer} may import only: ${mayImport.join(', ') || 'nothing of the project'}`,
      severity: 'error',
      from: { path: `^src/${layer}/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: `^src/(${[layer, ...mayImport].join('|')})/` },
    })),
    {
      name: 'src-never-imports-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench)/' },
    },
  ],
  // With a TypeScript that it cannot use, dependency-cruiser reads no file and passes: a module that must be there guards against it.
  required: [
    {
      name: 'modules-are-read',
      severity: 'error',
      module: { path: '^src/store/transaction\\.ts$' },
      to: { path: '^src/store/store\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
}

import { defineScenario } from 'kamera'

export default defineScenario({ name: 'settled', controllers: [], settled: true })

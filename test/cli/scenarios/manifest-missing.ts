import { defineScenario } from 'kamera'

export default defineScenario({ name: 'manifest-missing', controllers: [], objects: ['./nothing.yaml'] })

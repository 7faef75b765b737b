import type { Face } from '../shell/face'
const face: Face = { menu: [], routes: [], wide: true }
export default face

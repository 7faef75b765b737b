import type { Face } from '../shell/face'
const face: Face = { menu: [], routes: [], wide: false }
export default face

export const openAdaptor = () => undefined

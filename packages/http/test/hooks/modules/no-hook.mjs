export const claim = () => ({})

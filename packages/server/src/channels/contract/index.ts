export * from './connector.ts';
export * from './customs.ts';
export * from './manifest.ts';
export * from './opening.ts';
export * from './pay.ts';
export * from './share.ts';
export * from './terms.ts';
export * from './wire.ts';

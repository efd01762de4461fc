import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { prepare, type Data } from '../data/data';

const Shared = createContext<Data>(prepare({ format: 1 }));
export const DataProvider = Shared.Provider;
export const useData = () => useContext(Shared);

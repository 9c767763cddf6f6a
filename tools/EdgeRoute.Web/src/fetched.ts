import { useEffect, useState } from 'preact/hooks';
import { ask, connection, textOf } from './device';

export interface Fetched<T> {
    value: T | null;
    problem: string;
}

/** What the device answers, asked again whenever it has begun anew, the question is another, or `because` has changed. */
export function useFetched<T>(method: string, parameter?: object, because = ''): Fetched<T> {
    const [fetched, setFetched] = useState<Fetched<T>>({ value: null, problem: '' });
    useEffect(() => {
        if (connection.value === 0) return;
        let isOld = false;
        const take = (next: Fetched<T>) => {
            if (!isOld) setFetched(next);
        };
        ask<T>(method, parameter).then(
            value => take({ value, problem: '' }),
            refusal => take({ value: null, problem: textOf(refusal) }),
        );
        return () => {
            isOld = true;
        };
    }, [method, JSON.stringify(parameter), because, connection.value]);
    return fetched;
}

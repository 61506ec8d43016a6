/** What a window was found to be: `unknown` where too little came to say, or nothing is known of what is usual. */
export type Verdict = 'bad' | 'calm' | 'unknown'

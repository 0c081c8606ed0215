/** Texts of sign-in and the small pages. */
export const s = {
  signIn: 'Sign in',
  signInTo: 'Sign in to Vedette',
  email: 'E-mail',
  password: 'Password',
  forgot: 'Forgot your password?',
  tooManyTries: 'Too many tries. Wait a minute and try again.',
  looking: 'Looking it up…',
  notFound: 'Not found',
  events: 'events',
} as const

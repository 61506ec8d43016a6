#!/usr/bin/env node
import { kubectlMain } from '../dist/bundle/hivetap.js'

process.exitCode = await kubectlMain(process.argv.slice(2))

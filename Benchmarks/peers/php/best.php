<?php
// The peer on php-fpm that decodes only what it answers.
const IS_AT_BEST = true;
require __DIR__ . '/api.php';

import {render} from 'preact';
import {App} from './ui/app.jsx';
import './style/base.css';
import './style/parts.css';
import './style/stage.css';
import './style/pages.css';

const root = document.getElementById('app');
root.textContent = '';
render(<App />, root);
